/**
 * The clocks of a PC, all driven by {@link trefoil.machine.Clock}: the 8254 with port 0x61 ({@link trefoil.pc.timer.Pit8254}), the real-time clock with its CMOS memory
 * ({@link trefoil.pc.timer.Rtc146818}), the ACPI power-management timer ({@link trefoil.pc.timer.PmTimer}) and the HPET ({@link trefoil.pc.timer.Hpet}).
 *
 * <p>None of them ticks. A counter is computed when somebody reads it, and the machine's clock is asked to call only when an interrupt is due. Interrupts that are due within ten
 * microseconds of the last one of the same source are merged, so that no guest can keep the host's timer thread busy.
 *
 * <p>{@link trefoil.pc.timer.TimerRoute} is where the HPET takes IRQ0 and IRQ8 from the two older ones.
 */
package trefoil.pc.timer;
