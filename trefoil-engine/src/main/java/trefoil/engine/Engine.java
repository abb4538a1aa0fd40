package trefoil.engine;

/** Executes a guest's instructions. One per machine. */
public interface Engine extends AutoCloseable {
    /** Its name: {@code soft} or {@code kvm}. */
    String name();

    /** Makes the next vCPU, in the state after power-up (Intel SDM Vol. 3, table 9-1): the first is the bootstrap processor, the others wait for a start-up message. */
    Vcpu vcpu(VcpuWiring wiring);

    /** Ends all vCPUs, which must not be running, and gives back what they hold. */
    @Override
    void close();
}
