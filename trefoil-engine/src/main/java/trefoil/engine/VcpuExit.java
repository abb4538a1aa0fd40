package trefoil.engine;

/** Why {@link Vcpu#run} came back. */
public sealed interface VcpuExit {
    /** {@link Vcpu#stop} was called. */
    record Stopped() implements VcpuExit {}

    /**
     * The processor has shut down (Intel SDM Vol. 3, 6.15, #DF): an exception while a double fault was delivered. A PC's board resets the machine.
     *
     * @param reason what was being delivered, for people
     */
    record Shutdown(String reason) implements VcpuExit {}

    /**
     * The engine cannot go on: hardware reported an entry failure, or the software processor found itself wrong. The machine ends with this as its reason.
     *
     * @param reason for people
     */
    record Failure(String reason) implements VcpuExit {}
}
