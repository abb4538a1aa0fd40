package trefoil.benchmarks;

import trefoil.vmm.control.MachineStatus;

/**
 * One boot. Times are nanoseconds from before the machine's process was spawned.
 *
 * @param kernel until the kernel's first line on the console
 * @param init until the kernel starts the first program of user space, the initial RAM disk's
 * @param whole until the line that was waited for
 * @param cpu CPU time of the process until then, to 10 ms
 * @param status what the machine says of itself right after; {@code null} for a peer
 */
record BootRun(long kernel, long init, long whole, long cpu, MachineStatus status) {
    /** CPU time of threads that do not execute the guest. */
    long others() {
        return Math.max(0, cpu - status.vcpuNanos());
    }

    /** Wall time in which the guest's processor was neither halted nor executed anything: the process was starting, or waited for a processor of the host. */
    long neither() {
        return Math.max(0, whole - status.haltedNanos() - status.vcpuNanos());
    }

    /** Million instructions per second of CPU time of the guest's processor; NaN where that is unknown. */
    double mips() {
        return status.vcpuNanos() == 0 ? Double.NaN : status.instructions() * 1e3 / status.vcpuNanos();
    }
}
