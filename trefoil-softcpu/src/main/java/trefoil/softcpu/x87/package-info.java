/**
 * The x87 as instructions see it, and the instructions that save and restore state (Intel SDM Vol. 1, chapters 8, 10.5 and 13).
 *
 * <p>{@link trefoil.softcpu.x87.SavedState} has FXSAVE, FXRSTOR and the XSAVE ones; they all speak of one layout, which {@code StateImage} packs and unpacks. {@code Unit} has the rules of the x87's own words.
 */
package trefoil.softcpu.x87;
