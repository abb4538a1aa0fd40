/**
 * The x87 as instructions see it, and the instructions that save and restore state (Intel SDM Vol. 1, chapters 8, 10.5 and 13).
 *
 * <p>Two families. {@link trefoil.softcpu.x87.SavedState} has FXSAVE, FXRSTOR and the XSAVE ones; they all speak of one layout, which {@link trefoil.softcpu.x87.StateImage} packs and unpacks.
 * {@link trefoil.softcpu.x87.FloatingPoint} has the opcodes D8 to DF and FWAIT; it shares them out by group to {@code Transfers}, {@code Calculations}, {@code Functions} and {@code Controls}.
 *
 * <p>The numbers come from {@link trefoil.softcpu.fp}, which is exact and knows neither registers nor memory. What is here is the rest: registers as a stack that can over- and underflow, exceptions that are masked (a
 * value stands in for the result) or not (the instruction stops, and the <em>next</em> waiting one faults), and pointers to the last instruction for whoever handles that fault. {@code Unit} has these rules; the groups are
 * written in its words: take operands, compute, then {@code stopped} or commit.
 */
package trefoil.softcpu.x87;
