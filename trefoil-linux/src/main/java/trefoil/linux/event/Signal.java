package trefoil.linux.event;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** An eventfd(2): a descriptor that becomes readable when somebody says so, and so wakes who waits in {@link Poll}. Thread-safe. */
public final class Signal implements AutoCloseable {
    private static final int SYS_READ = 0;
    private static final int SYS_WRITE = 1;
    private static final int SYS_EVENTFD2 = 290;
    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;

    private final FileDescriptor fd;

    /** One that is not given. */
    public Signal() throws ErrnoException {
        fd = new FileDescriptor((int) Syscall.call("eventfd2", SYS_EVENTFD2, 0, CLOEXEC | NONBLOCK, 0), "eventfd");
    }

    /** Makes the descriptor readable until it is {@linkplain #clear cleared}. */
    public void give() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
            Syscall.raw(SYS_WRITE, fd.number(), one.address(), 8);
        }
    }

    /** Takes back all that was given. */
    public void clear() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(8, 8);
            Syscall.raw(SYS_READ, fd.number(), count.address(), 8);
        }
    }

    /** To be watched. */
    public FileDescriptor descriptor() {
        return fd;
    }

    /** Ends it. Idempotent; nobody may be inside another call. */
    @Override
    public void close() {
        fd.close();
    }
}
