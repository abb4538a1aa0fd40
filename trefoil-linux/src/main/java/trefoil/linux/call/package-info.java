/** The one native call of Trefoil, {@code syscall(2)}, and what passing arguments to it needs. Not exported. */
package trefoil.linux.call;
