/**
 * Tier 0: the interpreter. What is executed is decoded once into a {@link trefoil.softcpu.interpret.CodePage} per physical page, four ints an instruction, kept by {@link trefoil.softcpu.interpret.DecodeCache}; the
 * {@link trefoil.softcpu.interpret.HotLoop} executes the frequent instructions of 64-bit code from there and hands all others to their {@link trefoil.softcpu.operand.Family}. {@link trefoil.softcpu.interpret.Interpreter} finds the
 * next code to execute, steps singly where the manual wants to be exact to one instruction, and delivers faults, traps and interrupts in between.
 */
package trefoil.softcpu.interpret;
