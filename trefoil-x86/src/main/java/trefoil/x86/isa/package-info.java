/**
 * The one table of the x86 instruction set, in the notation of Intel SDM Vol. 2, appendix A. Decoder, disassembler, interpreter, translator and the generators of
 * tests read it, so that there is one place where an encoding can be wrong.
 *
 * <p>{@code t.row(0x01, ADD, "Ev,Gv", LOCK)} says: opcode 01 is the {@link trefoil.x86.isa.Operation} ADD, its destination is ModRM.rm (register or memory) of operand
 * size, its source ModRM.reg, and LOCK is allowed. Capital letters are {@link trefoil.x86.isa.Addressing}, small ones {@link trefoil.x86.isa.OperandType}, the rest
 * {@link trefoil.x86.isa.Mark}s: prefixes, digits, W and L, modes, exception class. {@code both} makes the legacy SSE row (without the operand H) and its VEX rows.
 *
 * <p>What users ask of a {@link trefoil.x86.isa.Row}: its index (dense; switch over it or over the operation), operands with what is read and written, flags
 * ({@link trefoil.x86.isa.FlagEffect}), feature, privilege and flow (by its operation), alignment. A row is an object for the slow path: hot paths keep its index.
 *
 * <p>Left out, because no processor that Trefoil imitates has them: 3DNow!, VMX, SVM, SMX, TSX, MPX, CET, AVX-512. Their opcodes are undefined, but for those
 * that were given to hints (0F 0D, 0F 18 to 0F 1F).
 */
package trefoil.x86.isa;
