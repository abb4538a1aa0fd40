/**
 * MMX and SSE (Intel SDM Vol. 1, 5.4 to 5.13), legacy encodings. A vector is two longs, low and high; {@link trefoil.softcpu.vector.Vectors} fetches and stores it as the row of the instruction table says, with its checks of alignment
 * and of whether the system has enabled the registers. An MMX register is the low long, the significand of an x87 register.
 */
package trefoil.softcpu.vector;
