/**
 * Decoded instructions as text, in Intel syntax as GNU objdump writes it with {@code -M intel}, so that its output is an oracle: mnemonic, then operands with commas,
 * sizes of memory as {@code DWORD PTR}, numbers in hexadecimal. {@link trefoil.x86.disassemble.Disassembler} writes the whole, {@link trefoil.x86.disassemble.Mnemonics}
 * knows the names that depend on sizes.
 */
package trefoil.x86.disassemble;
