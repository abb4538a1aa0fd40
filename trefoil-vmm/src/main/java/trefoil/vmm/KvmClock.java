package trefoil.vmm;

import trefoil.machine.Clock;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.x86.msr.Msr;

/**
 * kvmclock for one processor (Linux kernel documentation, virt/kvm/x86/msr.rst: MSR_KVM_SYSTEM_TIME_NEW and MSR_KVM_WALL_CLOCK_NEW). The counter runs at a constant rate, so what is written once, when the guest gives the place, stays
 * true; the flag for a clock that is stable over all processors says so.
 */
final class KvmClock {
    private static final int STABLE = 1;
    private static final long ENABLED = 1;
    private static final long SECOND = 1_000_000_000L;

    private final GuestMemory memory;
    private final Clock clock;
    private final long tscHertz;
    private long systemTime;
    private long wallClock;

    KvmClock(GuestMemory memory, Clock clock, long tscHertz) {
        this.memory = memory;
        this.clock = clock;
        this.tscHertz = tscHertz;
    }

    boolean owns(int number) {
        return number == Msr.MSR_KVM_SYSTEM_TIME_NEW.number() || number == Msr.MSR_KVM_WALL_CLOCK_NEW.number();
    }

    long read(int number) {
        return number == Msr.MSR_KVM_SYSTEM_TIME_NEW.number() ? systemTime : wallClock;
    }

    void write(int number, long value, TscCounter tsc) {
        try {
            if (number == Msr.MSR_KVM_SYSTEM_TIME_NEW.number()) {
                systemTime = value;
                if ((value & ENABLED) != 0) {
                    writeSystemTime(value & ~ENABLED, tsc);
                }
            } else {
                wallClock = value;
                writeWallClock(value);
            }
        } catch (GuestMemoryFault e) {
            // The guest gave a place where it has no memory: nothing is written there.
            systemTime = number == Msr.MSR_KVM_SYSTEM_TIME_NEW.number() ? value & ~ENABLED : systemTime;
        }
    }

    /** struct pvclock_vcpu_time_info: version, TSC, nanoseconds then, multiplier and shift, flags. The version is odd while it is written. */
    private void writeSystemTime(long at, TscCounter tsc) throws GuestMemoryFault {
        int version = memory.getInt(at) | 1;
        memory.putInt(at, version);
        // One reading for both, so that the clocks of all processors tell the same.
        long nanos = clock.nanos();
        memory.putLong(at + 8, tsc.at(nanos));
        memory.putLong(at + 16, nanos);
        int shift = 0;
        long hertz = tscHertz;
        while (hertz > 2 * SECOND) {
            hertz >>= 1;
            shift--;
        }
        while (hertz <= SECOND) {
            hertz <<= 1;
            shift++;
        }
        memory.putInt(at + 24, (int) Long.divideUnsigned(SECOND << 32, hertz));
        memory.putByte(at + 28, shift);
        memory.putByte(at + 29, STABLE);
        memory.putIntRelease(at, version + 1);
    }

    /** struct pvclock_wall_clock: version, seconds and nanoseconds since 1970 at the machine's time 0. */
    private void writeWallClock(long at) throws GuestMemoryFault {
        long boot = clock.epochNanos() - clock.nanos();
        int version = memory.getInt(at) | 1;
        memory.putInt(at, version);
        memory.putInt(at + 4, (int) (boot / SECOND));
        memory.putInt(at + 8, (int) (boot % SECOND));
        memory.putIntRelease(at, version + 1);
    }
}
