package trefoil.x86.cpuid;

/** Bits of EAX of leaf 0x40000001 (kernel docs, virt/kvm/x86/cpuid.rst). */
public enum KvmFeature {
    /** kvmclock at the old MSRs 0x11 and 0x12. */
    CLOCKSOURCE(0),
    /** No delays at ports. */
    NOP_IO_DELAY(1),
    /** kvmclock at MSRs 0x4b564d00 and 0x4b564d01. */
    CLOCKSOURCE2(3),
    /** Asynchronous page faults, MSR 0x4b564d02. */
    ASYNC_PF(4),
    /** Steal time, MSR 0x4b564d03. */
    STEAL_TIME(5),
    /** End of interrupt in memory, MSR 0x4b564d04. */
    PV_EOI(6),
    /** Hypercall that wakes a halted vCPU. */
    PV_UNHALT(7),
    /** Remote TLB flush by the preempted flag. */
    PV_TLB_FLUSH(9),
    /** Hypercall that sends interrupts to many. */
    PV_SEND_IPI(11),
    /** Polling before halt is the guest's to switch, MSR 0x4b564d05. */
    POLL_CONTROL(12),
    /** Hypercall that yields to a vCPU. */
    PV_SCHED_YIELD(13),
    /** Asynchronous page faults by interrupt, MSRs 0x4b564d06 and 0x4b564d07. */
    ASYNC_PF_INT(14),
    /** Destination ids of 15 bits in MSIs. */
    MSI_EXT_DEST_ID(15),
    /** kvmclock is stable on all vCPUs. */
    CLOCKSOURCE_STABLE(24);

    private final int bit;

    KvmFeature(int bit) {
        this.bit = bit;
    }

    /** The bit as a mask. */
    public int mask() {
        return 1 << bit;
    }
}
