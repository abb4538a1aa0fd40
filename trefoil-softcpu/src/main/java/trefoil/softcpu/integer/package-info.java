/**
 * General-purpose instructions (Intel SDM Vol. 1, 5.1), one {@link trefoil.softcpu.operand.Family} a class. Operands are reached by their notation in the instruction table ({@link trefoil.softcpu.integer.Values}), results and
 * flags computed in one place each ({@link trefoil.softcpu.integer.Alu}, {@link trefoil.softcpu.integer.Shifts}). This is the complete processor, in every mode; what is frequent the interpreter does by itself, and comes here for the
 * rest.
 */
package trefoil.softcpu.integer;
