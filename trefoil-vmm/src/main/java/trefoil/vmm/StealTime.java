package trefoil.vmm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import trefoil.engine.MsrRefusal;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.x86.msr.Msr;

/**
 * Steal time of one processor (Linux kernel documentation, virt/kvm/x86/msr.rst, MSR_KVM_STEAL_TIME): for how long its thread wanted a CPU of the host and had none, as the guest finds it in {@code struct kvm_steal_time}. It is
 * brought up to date by the processor's own thread, at most once in {@value #INTERVAL_MILLIS} ms: about as often as a guest looks.
 */
final class StealTime {
    private static final int NUMBER = Msr.MSR_KVM_STEAL_TIME.number();
    private static final long ENABLED = 1;
    private static final long RESERVED = 0x3E;
    private static final int VERSION = 8;
    private static final int INTERVAL_MILLIS = 10;
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);

    private final GuestMemory memory;
    private final Waited waited;
    private long register;
    private long last;
    private long lastAt;

    /** Says for how many nanoseconds, so far, the calling thread has waited for a CPU. */
    interface Waited {
        /** The kernel's figure: proc(5), {@code schedstat}, whose second number counts no time asleep. */
        Waited OF_KERNEL = () -> Long.parseLong(Files.readString(Path.of("/proc/thread-self/schedstat")).split(" ")[1]);

        long nanos() throws IOException;
    }

    StealTime(GuestMemory memory, Waited waited) {
        this.memory = memory;
        this.waited = waited;
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
        last = now();
        if (isEnabled()) {
            add(0);
        }
    }

    /** Tells the guest, where some time has passed since it was told. */
    void update(long nanoTime) {
        if (!isEnabled() || nanoTime - lastAt < INTERVAL_NANOS) {
            return;
        }
        lastAt = nanoTime;
        long now = now();
        if (now > last) {
            add(now - last);
            last = now;
        }
    }

    private boolean isEnabled() {
        return (register & ENABLED) != 0;
    }

    private long now() {
        try {
            return waited.nanos();
        } catch (IOException e) {
            return last; // the kernel keeps no such figure: none is stolen
        }
    }

    /** {@code steal}, {@code version}, {@code flags}, {@code preempted}. The version is odd while it is written. */
    private void add(long nanos) {
        long at = register & ~(ENABLED | RESERVED);
        try {
            int version = memory.getInt(at + VERSION) | 1;
            memory.putInt(at + VERSION, version);
            memory.putLongRelease(at, memory.getLong(at) + nanos);
            memory.putIntRelease(at + VERSION, version + 1);
        } catch (GuestMemoryFault e) {
            register = 0; // the guest gave a place where it has no memory
        }
    }
}
