package trefoil.linux.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.ErrnoException;
import trefoil.linux.call.Syscall;

/**
 * CPU time of all children of this process that have ended and been waited for, their own children included where they
 * waited: getrusage(2) with {@code RUSAGE_CHILDREN}.
 *
 * <pre>
 * struct rusage {
 *     struct timeval ru_utime;   // offset 0: seconds, offset 8: microseconds
 *     struct timeval ru_stime;   // offset 16, 24
 *     ...                        // 144 octets in all
 * };
 * </pre>
 */
public final class ChildTime {
    private static final long SYS_GETRUSAGE = 98;
    private static final long RUSAGE_CHILDREN = -1;
    private static final long SIZE = 144;

    private ChildTime() {}

    /** Nanoseconds since this process began, in steps of a microsecond. */
    public static long nanos() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment usage = arena.allocate(SIZE, Long.BYTES);
            Syscall.call("getrusage", SYS_GETRUSAGE, RUSAGE_CHILDREN, usage.address(), 0);
            return timeval(usage, 0) + timeval(usage, 16);
        }
    }

    private static long timeval(MemorySegment usage, long offset) {
        long seconds = usage.get(ValueLayout.JAVA_LONG, offset);
        long micros = usage.get(ValueLayout.JAVA_LONG, offset + Long.BYTES);
        return seconds * 1_000_000_000 + micros * 1_000;
    }
}
