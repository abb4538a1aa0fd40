package trefoil.engine;

import trefoil.x86.state.CpuState;

/** One virtual processor. What is not in {@link VcpuSignals} belongs to the thread that runs it, and to others only while none does. */
public interface Vcpu extends VcpuSignals {
    /**
     * Executes instructions until the machine must act. A halted processor waits in here. The processor's state is complete between two instructions when this returns.
     */
    VcpuExit run();

    /** Lets {@link #run} return {@link VcpuExit.Stopped} soon, or at once when it is called next. From any thread. */
    void stop();

    /** The state, to be kept or shown. */
    CpuState state();

    /** Takes on a state. */
    void restore(CpuState state);

    /** What the vCPU did so far. From any thread; figures of a running one are a little old. */
    VcpuStatistics statistics();
}
