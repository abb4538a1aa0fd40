/**
 * Programs for processes that have neither C library nor stack: tables of system calls.
 *
 * <p>The JVM cannot fork: a forked child has one thread of many, and no Java. But between {@code clone} and
 * {@code execve} a process only has to make system calls whose arguments are known beforehand, or are the results of
 * earlier calls. Such a process can be a <em>table</em>: each {@linkplain trefoil.linux.program.Operation operation} is
 * 96 bytes with the call's number, six arguments, where to store the result besides (usually into an argument of a later
 * operation), and which operation follows when the result is positive, negative or zero. 123 bytes of machine code,
 * {@link trefoil.linux.program.Interpreter}, walk the table.
 *
 * <p>{@link trefoil.linux.program.SyscallProgram} builds a table by name and label;
 * {@link trefoil.linux.program.ProgramImage} is the table laid out for an address, prints itself, and reads the results
 * back: since each operation keeps its result, the table is also the error report ("mount /proc: EPERM").
 * {@link trefoil.linux.program.StaticElf} makes a table a program file that the kernel can execute.
 */
package trefoil.linux.program;
