/**
 * What a guest writes text to: the serial line COM1 ({@link trefoil.pc.serial.Uart16550}), and the port to which firmware writes its messages ({@link trefoil.pc.serial.DebugPort}).
 * What lies at the other end is a {@link trefoil.machine.CharBackend}.
 */
package trefoil.pc.serial;
