package trefoil.daemon.ledger;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.HostResources;
import trefoil.daemon.ledger.HostFigures.CpuTicks;
import trefoil.daemon.ledger.HostFigures.Disk;
import trefoil.daemon.ledger.HostFigures.Memory;
import trefoil.linux.Sizes;

/** The host's ledger; see the package's description. Thread-safe. */
public final class Ledger {
    private static final long FRESH_NANOS = 1_000_000_000;
    private static final long STALE_NANOS = 10_000_000_000L;
    private static final int SAMPLE_MILLIS = 100;
    /** No server gets more processes than this where nothing is set. */
    private static final long MOST_PIDS = 4096;

    /** How long what hardly ever changes of a host is not read again. */
    private static final long NORMAL_NANOS = 1_000_000_000;

    /** Limits of servers that have none set. */
    private record Normal(long memoryCap, long pids, long readAt) {}

    private volatile Normal normal;
    private final HostFigures host;
    private final Reserve reserve;
    private final ToLongFunction<String> diskUsed;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock sampling = new ReentrantLock();
    private final Map<String, Long> memoryGuarantees = new HashMap<>();
    private final Map<String, Long> diskCaps = new HashMap<>();
    private CpuTicks ticks;
    private long ticksAt;
    private double busyPercent;

    /** @param diskUsed bytes that a server already uses of its disk cap */
    public Ledger(HostFigures host, Reserve reserve, ToLongFunction<String> diskUsed) {
        this.host = host;
        this.reserve = reserve;
        this.diskUsed = diskUsed;
    }

    /** Promises memory to a server that is about to run, or changes what it was promised; refuses with the numbers. */
    public void guarantee(String server, Long bytes) {
        long wanted = bytes == null ? 0 : bytes;
        lock.lock();
        try {
            if (wanted == 0) {
                memoryGuarantees.put(server, 0L);
                return;
            }
            long total = host.memory().total();
            long reserved = reserve.memoryOf(total);
            long others = othersGuarantees(server);
            long left = total - reserved - others;
            if (wanted > left) {
                throw new ApiException(
                        ErrorCode.INSUFFICIENT_RESOURCES,
                        server + " needs " + Sizes.words(wanted) + " of memory guaranteed; of the host's " + Sizes.words(total) + ", "
                                + Sizes.words(reserved) + " are reserved and " + Sizes.words(others)
                                + " guaranteed to other servers: " + Sizes.words(Math.max(left, 0)) + " are left",
                        "ask for a smaller --memory-guarantee, or stop another server or lower its guarantee: trefoil top");
            }
            memoryGuarantees.put(server, wanted);
        } finally {
            lock.unlock();
        }
    }

    private long othersGuarantees(String server) {
        return memoryGuarantees.entrySet().stream()
                .filter(e -> !e.getKey().equals(server))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Notes a promise that already holds: of a server that runs since before this daemon. Never refuses. */
    public void uphold(String server, Long bytes) {
        lock.lock();
        try {
            memoryGuarantees.put(server, bytes == null ? 0 : bytes);
        } finally {
            lock.unlock();
        }
    }

    /** The server runs no longer: its memory is nobody's. */
    public void release(String server) {
        lock.lock();
        try {
            memoryGuarantees.remove(server);
        } finally {
            lock.unlock();
        }
    }

    /** Promises disk space to a server, or changes the promise; refuses with the numbers. {@code null} for no cap, no promise. */
    public void promiseDisk(String server, Long bytes) {
        if (bytes == null) {
            forget(server);
            return;
        }
        lock.lock();
        try {
            Disk disk = host.disk();
            long reserved = reserve.diskOf(disk.total());
            long others = diskPromisedToOthers(server);
            long wanted = Math.max(0, bytes - diskUsed.applyAsLong(server));
            long left = disk.free() - reserved - others;
            if (wanted > left) {
                throw new ApiException(
                        ErrorCode.INSUFFICIENT_RESOURCES,
                        server + " needs " + Sizes.words(wanted) + " of disk; of " + Sizes.words(disk.free()) + " free, "
                                + Sizes.words(reserved) + " are reserved and " + Sizes.words(others)
                                + " promised to other servers: " + Sizes.words(Math.max(left, 0)) + " are left",
                        "ask for a smaller --disk, or delete servers or images");
            }
            diskCaps.put(server, bytes);
        } finally {
            lock.unlock();
        }
    }

    private long diskPromisedToOthers(String server) {
        return diskCaps.entrySet().stream()
                .filter(e -> !e.getKey().equals(server))
                .mapToLong(e -> Math.max(0, e.getValue() - diskUsed.applyAsLong(e.getKey())))
                .sum();
    }

    /** Refuses to make anything more when the disk's reserve is reached. */
    public void roomForAnother() {
        Disk disk = host.disk();
        long reserved = reserve.diskOf(disk.total());
        if (disk.free() < reserved) {
            throw new ApiException(
                    ErrorCode.DISK_FULL,
                    "only " + Sizes.words(disk.free()) + " of disk are free; " + Sizes.words(reserved) + " are reserved for the host",
                    "free some space: trefoil image list, trefoil list");
        }
    }

    /** Notes a promise of disk space that already holds. Never refuses. */
    public void upholdDisk(String server, Long bytes) {
        lock.lock();
        try {
            if (bytes == null) {
                diskCaps.remove(server);
            } else {
                diskCaps.put(server, bytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server is no more: nothing is promised to it. */
    public void forget(String server) {
        lock.lock();
        try {
            diskCaps.remove(server);
        } finally {
            lock.unlock();
        }
    }

    /** Memory cap of a server that sets none: what the host has less its reserve, so that no server can take the host's. */
    public long normalMemoryCap() {
        return normal().memoryCap();
    }

    private Normal normal() {
        Normal known = normal;
        if (known == null || System.nanoTime() - known.readAt() > NORMAL_NANOS) {
            long total = host.memory().total();
            known = new Normal(
                    total - reserve.memoryOf(total), Math.max(64, Math.min(MOST_PIDS, host.mostTasks() / 10)), System.nanoTime());
            normal = known;
        }
        return known;
    }

    /** Most processes of a server that sets none: a tenth of what the kernel allows, at most 4096, so that no fork bomb can take the host. */
    public long normalPids() {
        return normal().pids();
    }

    /** The host's figures. */
    public HostFigures host() {
        return host;
    }

    /** The whole ledger. @param daemonMemory bytes of the daemon and its helpers @param daemonCpuNanos CPU time of the daemon */
    public HostResources resources(long daemonMemory, long daemonCpuNanos) {
        Memory memory = host.memory();
        Disk disk = host.disk();
        int cpus = host.cpus();
        double busy = busyPercent();
        lock.lock();
        try {
            return new HostResources(
                    cpus, reserve.cpuOf(cpus), busy, memory.total(), memory.available(),
                    reserve.memoryOf(memory.total()), othersGuarantees(""), memory.swap(), memory.swapFree(), disk.total(),
                    disk.free(), reserve.diskOf(disk.total()), diskPromisedToOthers(""), daemonMemory, daemonCpuNanos,
                    host.pressure(), host.cgroupFlavor(), host.kernel(), host.hardwareVirtualization());
        } finally {
            lock.unlock();
        }
    }

    /** Busy share of all CPUs since the last look, if that was one to ten seconds ago; else over the next 100 ms. */
    private double busyPercent() {
        sampling.lock();
        try {
            long age = System.nanoTime() - ticksAt;
            if (ticks != null && age < FRESH_NANOS) {
                return busyPercent;
            }
            CpuTicks before = ticks;
            if (before == null || age > STALE_NANOS) {
                before = host.ticks();
                Thread.sleep(SAMPLE_MILLIS);
            }
            CpuTicks now = host.ticks();
            long all = now.all() - before.all();
            busyPercent = all <= 0 ? 0 : Math.round(1000.0 * (now.busy() - before.busy()) / all) / 10.0;
            ticks = now;
            ticksAt = System.nanoTime();
            return busyPercent;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return busyPercent;
        } finally {
            sampling.unlock();
        }
    }
}
