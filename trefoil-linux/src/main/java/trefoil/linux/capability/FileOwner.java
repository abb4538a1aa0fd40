package trefoil.linux.capability;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.call.Syscall;

/**
 * Making files as somebody else: setfsuid(2), setfsgid(2). On an id-mapped mount the kernel refuses (EOVERFLOW) to make a file for
 * an owner that the mapping does not hold, such as the host's root; so what is made in a container's tree is made as an id
 * of its range.
 */
public final class FileOwner {
    private static final int SYS_SETFSUID = 122;
    private static final int SYS_SETFSGID = 123;
    private static final int SYS_CAPGET = 125;
    private static final int SYS_CAPSET = 126;
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    private FileOwner() {}

    /** What is done. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does something as the owner of new files, with the capabilities that this process has, and returns when it is done. These
     * ids belong to a thread: the work is done on a new platform thread that ends with it.
     *
     * @param uid in this process's user namespace
     * @param gid likewise
     */
    public static <T> T as(int uid, int gid, Work<T> work) throws IOException {
        Outcome<T> outcome = new Outcome<>();
        Thread thread = Thread.ofPlatform().name("files of " + uid).start(() -> outcome.of(uid, gid, work));
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the work is short; leaving it half done would help nobody
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return outcome.get();
    }

    private static final class Outcome<T> {
        private T value;
        private IOException failure;
        private Throwable broken;

        void of(int uid, int gid, Work<T> work) {
            try {
                become(uid, gid);
                value = work.run();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException | Error e) {
                broken = e;
            }
        }

        T get() throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (broken != null) {
                throw new IllegalStateException(broken);
            }
            return value;
        }
    }

    private static void become(int uid, int gid) throws ErrnoException {
        Syscall.raw(SYS_SETFSGID, gid, 0, 0);
        Syscall.raw(SYS_SETFSUID, uid, 0, 0);
        // setfsuid(2) tells no errors; asking again for an impossible id gives the present one
        if (Syscall.raw(SYS_SETFSUID, -1, 0, 0) != Integer.toUnsignedLong(uid)
                || Syscall.raw(SYS_SETFSGID, -1, 0, 0) != Integer.toUnsignedLong(gid)) {
            throw new ErrnoException("setfsuid(" + uid + "), setfsgid(" + gid + ")", Errno.EPERM);
        }
        raiseCapabilities();
    }

    /** Leaving uid 0 has lowered the effective set (capabilities(7), "Effect of user ID changes"); the permitted one is as before. */
    private static void raiseCapabilities() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8, 4);
            header.set(ValueLayout.JAVA_INT, 0, LINUX_CAPABILITY_VERSION_3);
            MemorySegment data = arena.allocate(24, 4); // {u32 effective, permitted, inheritable} twice
            Syscall.call("capget", SYS_CAPGET, header.address(), data.address(), 0);
            data.set(ValueLayout.JAVA_INT, 0, data.get(ValueLayout.JAVA_INT, 4));
            data.set(ValueLayout.JAVA_INT, 12, data.get(ValueLayout.JAVA_INT, 16));
            Syscall.call("capset", SYS_CAPSET, header.address(), data.address(), 0);
        }
    }
}
