package trefoil.pc.interrupt;

import trefoil.machine.Msi;

/**
 * A message on the way to local APICs (Intel SDM volume 3, 11.6 and 11.11).
 *
 * @param destination an APIC id, or a set of them if {@code logical}
 * @param level whether it is level-triggered, and thus wants an EOI
 */
public record InterruptMessage(int destination, boolean logical, DeliveryMode mode, int vector, boolean level) {
    /** All of them. */
    public static final int BROADCAST = -1;

    /** What a device's message means (SDM volume 3, 11.11.1 and 11.11.2). The redirection hint only matters to the lowest-priority mode, which is in the data too. */
    static InterruptMessage of(Msi msi) {
        int address = (int) msi.address();
        int data = msi.data();
        return new InterruptMessage(wide(address >> 12 & 0xFF), (address & 4) != 0, DeliveryMode.of(data), data & 0xFF, (data & 0x8000) != 0);
    }

    /** A destination of 8 bits, of which 0xFF means all. */
    static int wide(int destination) {
        return destination == 0xFF ? BROADCAST : destination;
    }
}
