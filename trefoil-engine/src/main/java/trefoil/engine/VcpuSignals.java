package trefoil.engine;

/** What may be told to a vCPU from any thread. None of these blocks or calls back. */
public interface VcpuSignals {
    /** {@link InterruptSource#isInterruptPending} may have become true. */
    void interrupt();

    /** Non-maskable interrupt. */
    void nmi();

    /** INIT (Intel SDM Vol. 3, 9.1 and table 9-1): the bootstrap processor begins at the reset vector, others wait for a start-up message. */
    void init();

    /** Start-up: one that waits for it begins at {@code vector << 12} in real mode. */
    void startup(int vector);

    /** Ends HLT without an interrupt; where the vCPU is not halted, its next HLT. */
    void wake();
}
