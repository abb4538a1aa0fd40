package trefoil.pc.interrupt;

import java.util.List;

/** What a message asks of a processor (Intel SDM volume 3, 11.5.1 and 11.6.1; 82093AA data sheet 290566-001, 3.2.4), in the order of its encoding. */
public enum DeliveryMode {
    FIXED,
    LOWEST_PRIORITY,
    SMI,
    RESERVED,
    NMI,
    INIT,
    STARTUP,
    EXTINT;

    private static final List<DeliveryMode> ALL = List.of(values());

    /** From the three bits 10:8 of a register. */
    static DeliveryMode of(int register) {
        return ALL.get(register >> 8 & 7);
    }
}
