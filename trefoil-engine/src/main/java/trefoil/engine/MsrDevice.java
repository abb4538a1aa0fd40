package trefoil.engine;

/** Model-specific registers that live outside of the processor's core: those of the local APIC, IA32_TSC_DEADLINE, and the hypervisor's own. Called by the vCPU's thread. */
public interface MsrDevice {
    /** Whether {@code number} is one of its registers. */
    boolean owns(int number);

    /** RDMSR. */
    long read(int number) throws MsrRefusal;

    /** WRMSR. */
    void write(int number, long value) throws MsrRefusal;
}
