package trefoil.vmm;

import java.util.function.Consumer;
import trefoil.engine.InterruptSource;
import trefoil.engine.LocalPage;
import trefoil.engine.MsrDevice;
import trefoil.engine.MsrRefusal;
import trefoil.engine.Vcpu;
import trefoil.pc.interrupt.LocalApic;
import trefoil.pc.interrupt.MsrFault;
import trefoil.pc.interrupt.ProcessorSignals;

/** Between one vCPU of the engine and one local APIC of the board: each is told of the other in its own terms. The APIC signals from any thread; the vCPU asks on its own. */
final class Processor implements ProcessorSignals, InterruptSource, LocalPage, MsrDevice {
    private final TscCounter tsc;
    private final KvmClock kvmClock;
    private final ParavirtualEoi paravirtualEoi;
    private final StealTime stealTime;
    private volatile Vcpu vcpu;
    private volatile LocalApic apic;

    Processor(TscCounter tsc, KvmClock kvmClock, ParavirtualEoi paravirtualEoi, StealTime stealTime) {
        this.tsc = tsc;
        this.kvmClock = kvmClock;
        this.paravirtualEoi = paravirtualEoi;
        this.stealTime = stealTime;
    }

    /** To be called before the vCPU runs. */
    void connect(Vcpu to, LocalApic local) {
        vcpu = to;
        apic = local;
    }

    // ---- from the APIC to the vCPU; before they are connected there is nobody to tell ----

    @Override
    public void interrupt() {
        tell(Vcpu::interrupt);
    }

    @Override
    public void nmi() {
        tell(Vcpu::nmi);
    }

    /** There is no system-management mode: its handler would be firmware's. */
    @Override
    public void smi() {}

    @Override
    public void init() {
        tell(Vcpu::init);
    }

    @Override
    public void startup(int vector) {
        tell(told -> told.startup(vector));
    }

    private void tell(Consumer<Vcpu> signal) {
        Vcpu told = vcpu;
        if (told != null) {
            signal.accept(told);
        }
    }

    // ---- from the vCPU to the APIC ----

    @Override
    public boolean isInterruptPending() {
        paravirtualEoi.settle(apic);
        return apic.isInterruptPending();
    }

    @Override
    public int acknowledge() {
        stealTime.update(System.nanoTime());
        int vector = apic.acknowledge();
        paravirtualEoi.offer(apic);
        return vector;
    }

    @Override
    public int taskPriority() {
        paravirtualEoi.settle(apic);
        return apic.tpr() >> 4;
    }

    @Override
    public void taskPriority(int priority) {
        paravirtualEoi.settle(apic);
        apic.tpr(priority << 4);
    }

    @Override
    public long address() {
        return apic == null ? -1 : apic.address();
    }

    @Override
    public long read(long offset, int size) {
        paravirtualEoi.settle(apic);
        return apic.read(offset, size);
    }

    @Override
    public void write(long offset, int size, long value) {
        paravirtualEoi.settle(apic);
        apic.write(offset, size, value);
    }

    // ---- model-specific registers ----

    @Override
    public boolean owns(int number) {
        return number == LocalApic.IA32_APIC_BASE || number == LocalApic.IA32_TSC_DEADLINE || number >= LocalApic.X2APIC_FIRST && number <= LocalApic.X2APIC_LAST || kvmClock.owns(number)
                || paravirtualEoi.owns(number) || stealTime.owns(number);
    }

    @Override
    public long read(int number) throws MsrRefusal {
        if (kvmClock.owns(number)) {
            return kvmClock.read(number);
        }
        if (paravirtualEoi.owns(number)) {
            return paravirtualEoi.read();
        }
        if (stealTime.owns(number)) {
            return stealTime.read();
        }
        paravirtualEoi.settle(apic);
        try {
            return apic.readMsr(number);
        } catch (MsrFault refused) {
            throw new MsrRefusal(number);
        }
    }

    @Override
    public void write(int number, long value) throws MsrRefusal {
        if (kvmClock.owns(number)) {
            kvmClock.write(number, value, tsc);
        } else if (stealTime.owns(number)) {
            stealTime.write(value);
        } else {
            paravirtualEoi.settle(apic);
            if (paravirtualEoi.owns(number)) {
                paravirtualEoi.write(value);
            } else {
                writeApic(number, value);
            }
        }
    }

    private void writeApic(int number, long value) throws MsrRefusal {
        try {
            apic.writeMsr(number, value);
        } catch (MsrFault refused) {
            throw new MsrRefusal(number);
        }
    }
}
