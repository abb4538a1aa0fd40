package trefoil.vmm;

import java.util.List;
import trefoil.engine.Hypercalls;
import trefoil.engine.Vcpu;
import trefoil.machine.Msi;
import trefoil.machine.MsiSink;

/**
 * What guests with several processors ask of KVM (Linux kernel documentation, virt/kvm/x86/hypercalls.rst): to wake a processor that halted for a lock, to send one interrupt to many, to let another run. APIC ids are the processors'
 * numbers. Thread-safe.
 */
final class KvmHypercalls implements Hypercalls {
    static final int KICK_CPU = 5;
    static final int SEND_IPI = 10;
    static final int SCHED_YIELD = 11;
    static final long EINVAL = -22;

    private static final long MSI_ADDRESS = 0xFEE0_0000L;
    private static final int DESTINATION_SHIFT = 12;
    /** Vector and delivery mode of an interrupt command register; destination mode, shorthand and trigger are refused. */
    private static final long ICR_TAKEN = 0x7FF;
    private static final int ICR_MODE = 0x700;
    private static final int ICR_NMI = 0x400;
    private static final int ICR_ASSERT = 0x4000;

    private final List<Vcpu> vcpus;
    private final MsiSink messages;

    /** @param vcpus in the order of their APIC ids; may be filled until the first call */
    KvmHypercalls(List<Vcpu> vcpus, MsiSink messages) {
        this.vcpus = vcpus;
        this.messages = messages;
    }

    @Override
    public long call(long number, long a, long b, long c, long d) {
        return switch ((int) number) {
            case KICK_CPU -> kick(b);
            case SEND_IPI -> send(a, b, (int) c, d);
            case SCHED_YIELD -> giveWay();
            default -> ENOSYS;
        };
    }

    private long kick(long apicId) {
        if (apicId >= 0 && apicId < vcpus.size()) {
            vcpus.get((int) apicId).wake();
        }
        return 0;
    }

    /** The host's scheduler knows best which of its threads waits. */
    private static long giveWay() {
        Thread.yield();
        return 0;
    }

    /**
     * @param low of 128 processors the first 64
     * @param least APIC id that bit 0 of {@code low} stands for
     * @return how many there were
     */
    private long send(long low, long high, int least, long icr) {
        int mode = (int) icr & ICR_MODE;
        if ((icr & ~(ICR_TAKEN | ICR_ASSERT)) != 0 || mode != 0 && mode != ICR_NMI) {
            return EINVAL;
        }
        long sent = 0;
        for (int n = 0; n < 2 * Long.SIZE; n++) {
            long id = (least & 0xFFFF_FFFFL) + n;
            boolean meant = ((n < Long.SIZE ? low : high) >>> n & 1) != 0;
            if (meant && id < vcpus.size()) {
                messages.send(new Msi(MSI_ADDRESS | id << DESTINATION_SHIFT, (int) icr & 0x7FF));
                sent++;
            }
        }
        return sent;
    }
}
