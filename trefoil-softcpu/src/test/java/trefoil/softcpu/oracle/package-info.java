/**
 * The software processor against the processor of the host. {@link trefoil.softcpu.oracle.Generator} makes random instructions from the instruction table with random registers, flags, x87 and SSE state and memory;
 * {@link trefoil.softcpu.oracle.NativeStub} executes one on the host's processor, {@link trefoil.softcpu.oracle.SoftSide} on the software processor; {@link trefoil.softcpu.oracle.Comparison} says what differs that
 * the manuals define. A case is told by seed and number: {@code -Dtrefoil.oracle.seed=S -Dtrefoil.oracle.first=N -Dtrefoil.oracle.count=1} repeats it.
 *
 * <p>Natively an exception arrives as a signal. The stub's own handler takes those that come from the page of the tested code, notes the vector and goes on at the stub's exit, so that a fault is one more outcome to
 * compare; all other signals go to the handlers of the virtual machine.
 */
package trefoil.softcpu.oracle;
