package trefoil.vmm;

import trefoil.engine.MsrRefusal;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.interrupt.LocalApic;
import trefoil.x86.msr.Msr;

/**
 * End of interrupt in memory, for one processor (Linux kernel documentation, virt/kvm/x86/msr.rst, MSR_KVM_PV_EOI_EN): a bit that is set when an interrupt is delivered behind which nothing waits, and that the guest may clear
 * in place of an access to its local APIC. The guest clears it by one instruction without a lock, so that it is looked at between two instructions alone: by the processor's own thread.
 */
final class ParavirtualEoi {
    private static final int NUMBER = Msr.MSR_KVM_PV_EOI_EN.number();
    private static final long ENABLED = 1;
    private static final long RESERVED = 2;
    private static final int MAY_SKIP = 1;

    private final GuestMemory memory;
    private long register;
    /** The bit was set, and what has become of it is not known. */
    private boolean offered;

    ParavirtualEoi(GuestMemory memory) {
        this.memory = memory;
    }

    boolean owns(int number) {
        return number == NUMBER;
    }

    long read() {
        return register;
    }

    void write(long value) throws MsrRefusal {
        if ((value & RESERVED) != 0) {
            throw new MsrRefusal(NUMBER);
        }
        register = value;
    }

    /** An interrupt has just been taken. */
    void offer(LocalApic apic) {
        if ((register & ENABLED) == 0 || !apic.deferEoi()) {
            return;
        }
        try {
            memory.putInt(place(), memory.getInt(place()) | MAY_SKIP);
            offered = true;
        } catch (GuestMemoryFault e) {
            register = 0; // the guest gave a place where it has no memory
            apic.settleEoi(false);
        }
    }

    /** Sees what the guest has done, and takes the offer back if it has not been made use of. To be called before the APIC is asked for anything. */
    void settle(LocalApic apic) {
        if (!offered) {
            return;
        }
        offered = false;
        boolean ended = false;
        try {
            int now = memory.getInt(place());
            ended = (now & MAY_SKIP) == 0;
            if (!ended) {
                memory.putInt(place(), now & ~MAY_SKIP);
            }
        } catch (GuestMemoryFault e) {
            register = 0;
        }
        apic.settleEoi(ended);
    }

    private long place() {
        return register & ~(ENABLED | RESERVED);
    }
}
