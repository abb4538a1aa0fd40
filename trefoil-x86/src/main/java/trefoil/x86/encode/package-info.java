/**
 * From a row of the instruction table back to octets: {@link trefoil.x86.encode.Encoding} holds the fields, {@link trefoil.x86.encode.EncodingSampler} fills them at
 * random, but so that the row is what a decoder finds. Generators of tests stand on it: they take a row, set the fields that they care for, and let the rest vary.
 */
package trefoil.x86.encode;
