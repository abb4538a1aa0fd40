package trefoil.linux.namespace;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import trefoil.linux.ErrnoException;
import trefoil.linux.call.Syscall;

/**
 * A mount namespace of the calling thread's own: unshare(2) with {@code CLONE_NEWNS}, which takes {@code CLONE_FS} with it
 * and so is allowed to one thread of many. Processes that the thread spawns inherit it. For platform threads: a virtual
 * thread would change whatever carrier it happens to sit on.
 */
public final class ThreadMounts {
    private static final long SYS_MOUNT = 165;
    private static final long SYS_UMOUNT2 = 166;
    private static final long SYS_UNSHARE = 272;
    private static final long CLONE_FS = 0x200;
    private static final long CLONE_NEWNS = 0x20000;
    private static final long MS_BIND = 0x1000;
    private static final long MS_REC = 0x4000;
    private static final long MS_PRIVATE = 1 << 18;
    private static final long MNT_DETACH = 2;

    private ThreadMounts() {}

    /** Gives the calling thread a copy of its mount namespace, out of which no mount event propagates. */
    public static void unshare() throws ErrnoException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a mount namespace belongs to a platform thread");
        }
        Syscall.call("unshare", SYS_UNSHARE, CLONE_FS | CLONE_NEWNS, 0, 0);
        mount("none", "/", MS_REC | MS_PRIVATE);
    }

    /** Shows {@code source} at {@code target} as well: mount(2) with {@code MS_BIND}. */
    public static void bind(Path source, Path target) throws ErrnoException {
        mount(source.toString(), target.toString(), MS_BIND);
    }

    /** Detaches what is mounted at {@code target}: umount2(2) with {@code MNT_DETACH}. */
    public static void detach(Path target) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.call("umount2", SYS_UMOUNT2, arena.allocateFrom(target.toString()).address(), MNT_DETACH, 0);
        }
    }

    private static void mount(String source, String target, long flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long from = arena.allocateFrom(source).address();
            long to = arena.allocateFrom(target).address();
            Syscall.call("mount", SYS_MOUNT, from, to, 0, flags, 0, 0);
        }
    }
}
