/**
 * Floating-point numbers as an x86 processor computes with them: IEEE 754 binary16, binary32, binary64 and the 80-bit double-extended format of
 * the x87, with its rounding modes, its precision control and its exception flags (SDM Vol. 1, chapters 4, 8 and 11).
 *
 * <p>All goes one way. {@link trefoil.softcpu.fp.Real} is a number unpacked from any {@link trefoil.softcpu.fp.Format}: a sign, an
 * exponent without bounds and a significand of 128 bits, of which the last tells whether anything was lost below. {@link
 * trefoil.softcpu.fp.Arithmetic} computes exactly as far as those bits go, and {@link trefoil.softcpu.fp.Packing} rounds once, where the result
 * goes, which is where overflow, underflow and inexactness are found. {@link trefoil.softcpu.fp.FloatStatus} holds what rules the
 * rounding and takes note of exceptions.
 *
 * <p>Nothing here knows of registers or memory, and nothing allocates while it computes.
 */
package trefoil.softcpu.fp;
