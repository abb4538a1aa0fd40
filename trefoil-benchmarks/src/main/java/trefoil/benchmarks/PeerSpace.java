package trefoil.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import trefoil.linux.call.Syscall;

/**
 * One platform thread with a mount namespace of its own, in which peers run: processes inherit the namespace of the
 * thread that spawns them. There, and only there, the machine looks as peers need it:
 *
 * <ul>
 *   <li>no {@code /sys/fs/cgroup/unified}: crun refuses a hybrid hierarchy whose cgroup2 has controllers
 *       ("cgroups in hybrid mode not supported");
 *   <li>{@code /etc/subuid} and {@code /etc/subgid} that grant root the benchmark's id range: lxc maps ids by
 *       newuidmap(1), which asks there even for root.
 * </ul>
 */
final class PeerSpace implements AutoCloseable {
    private static final long SYS_MOUNT = 165;
    private static final long SYS_UMOUNT2 = 166;
    private static final long SYS_UNSHARE = 272;
    private static final long CLONE_FS = 0x200;
    private static final long CLONE_NEWNS = 0x20000;
    private static final long MS_BIND = 0x1000;
    private static final long MS_REC = 0x4000;
    private static final long MS_PRIVATE = 1 << 18;
    private static final long MNT_DETACH = 2;
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("peers").factory());

    /** @param ids file with the line that grants ids, as in subuid(5) */
    PeerSpace(Path ids) throws BenchmarkException, IOException, InterruptedException {
        call(() -> {
            Syscall.call("unshare", SYS_UNSHARE, CLONE_FS | CLONE_NEWNS, 0, 0);
            mount("none", "/", MS_REC | MS_PRIVATE);
            if (Files.isDirectory(UNIFIED)) {
                unmount(UNIFIED);
            }
            for (String file : new String[] {"/etc/subuid", "/etc/subgid"}) {
                if (Files.exists(Path.of(file))) {
                    mount(ids.toString(), file, MS_BIND);
                }
            }
            return null;
        });
    }

    private static void mount(String source, String target, long flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long from = arena.allocateFrom(source).address();
            long to = arena.allocateFrom(target).address();
            Syscall.call("mount", SYS_MOUNT, from, to, 0, flags, 0, 0);
        }
    }

    private static void unmount(Path target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.call("umount2", SYS_UMOUNT2, arena.allocateFrom(target.toString()).address(), MNT_DETACH, 0);
        }
    }

    /** Does something on the thread, and waits for it. */
    <T> T call(Callable<T> work) throws BenchmarkException, IOException, InterruptedException {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case BenchmarkException cause -> throw cause;
                case IOException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                default -> throw new IllegalStateException("a peer's run failed", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
