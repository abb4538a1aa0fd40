package trefoil.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.fanotify.MadeOnRead;
import trefoil.linux.host.KernelFile;

/**
 * Truthful {@code free}, {@code nproc}, {@code top} and {@code cat /proc/cpuinfo} inside a server. The kernel tells a
 * container the host's figures there; each of these files is covered by one on a tmpfs of the host whose content is made
 * from the server's control group at the moment somebody inside reads it (see {@link trefoil.linux.fanotify}): no FUSE, no
 * process per server, nothing running while nobody reads.
 *
 * <p>What is told: memory and swap are the caps, or the host's where there are none, never more free than the host
 * could give; CPUs are the cap rounded up, numbered from 0; times are the server's own, spread evenly over its CPUs (no
 * kernel tells a version 2 group's use per CPU); the load average is a lower bound, see {@link LoadAverage}; interrupts and
 * context switches, which no group has, read 0. {@code /proc/uptime} is a time namespace's matter, sched_getaffinity(2),
 * which {@code nproc} asks, that of {@link CpuPlacement}. sysinfo(2), which busybox's {@code free} asks, tells the host's.
 *
 * <p>A server's root may unmount the covers and then sees the host's figures: they inform, they do not confine.
 *
 * <p>Thread-safe. A new daemon calls {@link #takeUp} for each server that runs, and its mounts are alive again.
 */
public final class ProcView implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    private final MadeOnRead files;

    /**
     * One file to be covered.
     *
     * @param target path inside the server
     * @param detachedMount read-only mount of one file, to be attached there; closed by whoever asked for it
     */
    public record Overlay(String target, FileDescriptor detachedMount) {}

    private ProcView(MadeOnRead files) {
        this.files = files;
    }

    /**
     * Mounts {@code <runDirectory>/procview}, or takes it up from an earlier daemon.
     *
     * @throws ContainerException when this kernel cannot ask before reads; servers then run with the host's figures
     */
    public static ProcView open(Path runDirectory) throws ContainerException {
        try {
            return new ProcView(MadeOnRead.open(runDirectory.resolve("procview")));
        } catch (IOException e) {
            throw new ContainerException(
                    "no truthful /proc in servers: " + e.getMessage(),
                    "needs root and a kernel with CONFIG_FANOTIFY_ACCESS_PERMISSIONS",
                    e);
        }
    }

    /** What {@link #overlays} will cover, in its order. */
    static List<String> targets() {
        return Stream.of(View.values()).map(view -> view.target).toList();
    }

    /** Makes a server's files; to be called before {@link #overlays}. */
    public void register(String name, ViewSource source) throws ContainerException {
        try {
            each(name, source, files::serve);
        } catch (IOException e) {
            throw new ContainerException("cannot make the /proc view of " + name, null, e);
        }
    }

    /** Takes a server's files up, which an earlier daemon made. */
    public void takeUp(String name, ViewSource source) throws ContainerException {
        try {
            each(name, source, files::takeUp);
        } catch (IOException e) {
            throw new ContainerException("cannot take up the /proc view of " + name, null, e);
        }
    }

    private interface Serving {
        void serve(String file, MadeOnRead.Content content) throws IOException;
    }

    private static void each(String name, ViewSource source, Serving serving) throws IOException {
        MemoryView memory = new MemoryView(source, ProcView::host);
        CpuView cpu = new CpuView(source, ProcView::host);
        LoadAverage load = new LoadAverage(source, System::nanoTime);
        String directory = checked(name) + "/";
        for (View view : View.values()) {
            serving.serve(directory + view.file, content(view, source, memory, cpu, load));
        }
    }

    /** New detached mounts of a registered server's files; the caller closes them. */
    public List<Overlay> overlays(String name) throws ContainerException {
        List<Overlay> overlays = new ArrayList<>();
        try {
            for (View view : View.values()) {
                overlays.add(new Overlay(view.target, files.detached(checked(name) + "/" + view.file)));
            }
            return overlays;
        } catch (ErrnoException e) {
            overlays.forEach(overlay -> overlay.detachedMount().close());
            throw new ContainerException("no /proc view of " + name + " is registered", null, e);
        }
    }

    /** Removes a server's files; no-op when there are none. */
    public void forget(String name) throws ContainerException {
        try {
            files.remove(checked(name));
        } catch (IOException e) {
            throw new ContainerException("cannot remove the /proc view of " + name, null, e);
        }
    }

    /** Names of the servers whose files there are, of an earlier daemon too. */
    public List<String> names() throws ContainerException {
        try {
            return files.directories();
        } catch (IOException e) {
            throw new ContainerException("cannot list the /proc views", null, e);
        }
    }

    /** Contents made so far, for all servers. */
    public long made() {
        return files.made();
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name of a server: " + name);
        }
        return name;
    }

    /** Lets go: contents stay as they are until the next daemon. */
    @Override
    public void close() {
        files.close();
    }

    /** Closes, and unmounts the directory. */
    public void dispose() throws IOException {
        files.dispose();
    }

    /** The files that are covered. */
    private enum View {
        MEMINFO("/proc/meminfo", "meminfo"),
        SWAPS("/proc/swaps", "swaps"),
        CPUINFO("/proc/cpuinfo", "cpuinfo"),
        STAT("/proc/stat", "stat"),
        LOADAVG("/proc/loadavg", "loadavg"),
        CPU_ONLINE("/sys/devices/system/cpu/online", "cpu-online"),
        CPU_POSSIBLE("/sys/devices/system/cpu/possible", "cpu-possible"),
        BOOT_ID("/proc/sys/kernel/random/boot_id", "boot-id");

        private final String target;
        private final String file;

        View(String target, String file) {
            this.target = target;
            this.file = file;
        }
    }

    private static MadeOnRead.Content content(View view, ViewSource source, MemoryView memory, CpuView cpu, LoadAverage load) {
        return switch (view) {
            case MEMINFO -> memory::meminfo;
            case SWAPS -> memory::swaps;
            case CPUINFO -> cpu::cpuinfo;
            case STAT -> cpu::stat;
            case LOADAVG -> load::loadavg;
            case CPU_ONLINE, CPU_POSSIBLE -> cpu::range;
            case BOOT_ID -> () -> source.bootId() + "\n";
        };
    }

    private static String host(String file) throws IOException {
        return KernelFile.read(file);
    }

    /** The host's own files, so that tests can put others. */
    @FunctionalInterface
    interface HostFiles {
        String read(String path) throws IOException;
    }
}
