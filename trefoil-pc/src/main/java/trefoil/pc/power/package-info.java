/**
 * How a guest sleeps, starts anew, and is woken: the ICH9's power-management registers ({@link trefoil.pc.power.AcpiPm}) with the power button and the system control interrupt, the reset control register
 * at 0xCF9 ({@link trefoil.pc.power.ResetControl}), and port 0x92 ({@link trefoil.pc.power.Port92}). Who builds the machine is told by {@link trefoil.pc.power.PowerListener}.
 */
package trefoil.pc.power;
