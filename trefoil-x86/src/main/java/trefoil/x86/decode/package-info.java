/**
 * From octets to a decoded {@link trefoil.x86.decode.Instruction}, by {@link trefoil.x86.isa.InstructionTable}. The caller gives up to 15 octets: those of one page first
 * and, when the {@link trefoil.x86.decode.Outcome} is TRUNCATED, those of the next page too, so that a fault of fetching them comes where the processor has it. An undefined
 * or too long instruction is an outcome, never an exception.
 */
package trefoil.x86.decode;
