package trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import trefoil.linux.namespace.ThreadMounts;

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
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("peers").factory());

    /** @param ids file with the line that grants ids, as in subuid(5) */
    PeerSpace(Path ids) throws BenchmarkException, IOException, InterruptedException {
        call(() -> {
            ThreadMounts.unshare();
            if (Files.isDirectory(UNIFIED)) {
                ThreadMounts.detach(UNIFIED);
            }
            for (String file : new String[] {"/etc/subuid", "/etc/subgid"}) {
                if (Files.exists(Path.of(file))) {
                    ThreadMounts.bind(ids, Path.of(file));
                }
            }
            return null;
        });
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
