/**
 * How interrupts reach a processor. Devices raise lines ({@link trefoil.machine.InterruptLine}) or send messages ({@link trefoil.machine.MsiSink}).
 *
 * <p>Lines end at the two 8259As ({@link trefoil.pc.interrupt.PicPair}) and at the I/O APIC ({@link trefoil.pc.interrupt.IoApic}); the first answers on LINT0 of the local APICs, the second
 * turns a line into a message. All messages, those of local APICs to one another too, meet in {@link trefoil.pc.interrupt.ApicBus}, which finds the local APICs that are meant.
 *
 * <p>A {@link trefoil.pc.interrupt.LocalApic} belongs to one processor. It tells it by {@link trefoil.pc.interrupt.ProcessorSignals} that something has come; the processor asks
 * {@link trefoil.pc.interrupt.LocalApic#isInterruptPending} (one volatile read) before an instruction at which it would take an interrupt, and
 * {@link trefoil.pc.interrupt.LocalApic#acknowledge} gives it the vector.
 */
package trefoil.pc.interrupt;
