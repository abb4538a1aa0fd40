/** How an instruction reaches its operands: registers, effective addresses, and the checks of segmentation on the way to a linear address. */
package trefoil.softcpu.operand;
