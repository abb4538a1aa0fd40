/**
 * The conformance suite of the engine seam: small guest programs, each with the section of the manuals that it holds an engine to, and what must be so when it has ended. It speaks through {@code trefoil.engine} and guest RAM
 * alone, so that each engine is held to the same.
 *
 * <p>{@link trefoil.conformance.Snippets} reads them from resources, where the assembly stands beside its octets; {@link trefoil.conformance.Rig} makes a processor in one of three {@linkplain trefoil.conformance.Start modes},
 * runs one, and tells what differs. A program ends by writing to a port, by an exception, which a handler notes, or by a shutdown.
 */
package trefoil.conformance;
