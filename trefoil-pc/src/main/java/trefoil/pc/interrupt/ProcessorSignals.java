package trefoil.pc.interrupt;

/**
 * What a local APIC tells its processor, from any thread. An implementation takes note and wakes its vCPU; it does not block, and calls neither the local APIC nor a device, since
 * it is called under locks of theirs.
 */
public interface ProcessorSignals {
    /** {@link LocalApic#isInterruptPending} may have become true. */
    void interrupt();

    /** Non-maskable interrupt. */
    void nmi();

    /** System-management interrupt. */
    void smi();

    /** INIT: the processor resets itself and waits for a startup message, or begins at the reset vector if it is the bootstrap processor. */
    void init();

    /** Start-up: begins at {@code vector << 12}, in real mode, if it waits for that. */
    void startup(int vector);
}
