package trefoil.pc.interrupt;

/** What a device's asserting its line means on the wire. */
public enum Wiring {
    /** Asserted is high: the ISA bus's interrupts. */
    ACTIVE_HIGH,
    /** Asserted is low: PCI's INTA# to INTD#. */
    ACTIVE_LOW
}
