package trefoil.linux.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import trefoil.linux.ErrnoException;
import trefoil.linux.call.Syscall;

/** The CPUs that a thread may run on, by number, sched_setaffinity(2). Children inherit them. Thread-safe. */
public final class Affinity {
    /** Of a mask; the kernel reads what it knows of it and takes the rest as absent. 8,192 CPUs, the most of x86-64. */
    private static final int MASK_BYTES = 1024;

    private static final int SYS_SCHED_SETAFFINITY = 203;
    private static final int SYS_SCHED_GETAFFINITY = 204;

    private Affinity() {}

    /**
     * Where a thread may run.
     *
     * @param thread its id; 0 the caller's
     * @throws ErrnoException ESRCH when there is none
     */
    public static BitSet of(int thread) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            long length = Syscall.call("sched_getaffinity(" + thread + ")", SYS_SCHED_GETAFFINITY, thread, MASK_BYTES, mask.address());
            return BitSet.valueOf(mask.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /**
     * Says where a thread may run from now on.
     *
     * @param thread its id; 0 the caller's
     * @throws ErrnoException ESRCH when there is none, EINVAL when none of {@code cpus} is online
     */
    public static void set(int thread, BitSet cpus) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = mask(cpus);
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            Syscall.call(
                    "sched_setaffinity(" + thread + ", " + cpus + ")", SYS_SCHED_SETAFFINITY, thread, bytes.length, mask.address());
        }
    }

    /** As the kernel takes them, {@code cpu_set_t} of CPU_SET(3): bit n of byte n / 8, whole words. */
    public static byte[] mask(BitSet cpus) {
        byte[] bytes = new byte[Math.max(8, (cpus.length() + 63) / 64 * 8)];
        byte[] set = cpus.toByteArray();
        System.arraycopy(set, 0, bytes, 0, set.length);
        return bytes;
    }
}
