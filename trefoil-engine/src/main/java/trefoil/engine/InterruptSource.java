package trefoil.engine;

/** What gives a vCPU its maskable interrupts: a local APIC with an 8259A behind it. Thread-safe; called by the vCPU's thread. */
public interface InterruptSource {
    /** No vector: nothing was pending any more. */
    int NONE = -1;

    /** Whether {@link #acknowledge} would give a vector now. */
    boolean isInterruptPending();

    /** The vector to be delivered, which is in service from now on; {@link #NONE} if there is none. */
    int acknowledge();

    /** Task priority, as CR8 has it: 0 to 15. */
    int taskPriority();

    /** Sets the task priority, 0 to 15. */
    void taskPriority(int priority);
}
