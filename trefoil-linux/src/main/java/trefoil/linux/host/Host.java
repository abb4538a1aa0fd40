package trefoil.linux.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.FileStore;
import java.nio.file.Path;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** Figures of this host and its processes, for the daemon's ledger. Each method reads the kernel's files anew. */
public final class Host {
    /** Nanoseconds per tick of /proc's clocks: USER_HZ is 100 on x86-64. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private Host() {}

    /**
     * Memory, proc_meminfo(5), bytes.
     *
     * @param total RAM
     * @param available what could be had without swapping
     * @param swap all swap
     * @param swapFree swap not used
     */
    public record Memory(long total, long available, long swap, long swapFree) {}

    /**
     * CPU time of all CPUs since boot, proc_stat(5), nanoseconds.
     *
     * @param busy time not idle and not waiting for I/O
     * @param all time in all
     */
    public record CpuTimes(long busy, long all) {
        /** Percent of all CPUs in use between an earlier sample and this one, 0–100; 0 when no tick lies between. */
        public double busyPercentSince(CpuTimes earlier) {
            long elapsed = all - earlier.all;
            return elapsed <= 0 ? 0 : Math.clamp(100.0 * (busy - earlier.busy) / elapsed, 0, 100);
        }
    }

    /**
     * What one process holds and has used.
     *
     * @param proportional bytes resident, shared pages counted by shares (PSS)
     * @param resident bytes resident
     * @param cpuNanos CPU time of its threads, ended ones too, in steps of 10 ms
     */
    public record ProcessUse(long proportional, long resident, long cpuNanos) {}

    /**
     * Room on a file system, bytes.
     *
     * @param total all of it
     * @param free what an unprivileged process could write
     */
    public record Space(long total, long free) {}

    /** CPUs online. */
    public static int cpus() throws IOException {
        int cpus = 0;
        for (String range : KernelFile.read("/sys/devices/system/cpu/online").strip().split(",")) {
            String[] ends = range.split("-");
            cpus += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
        }
        return cpus;
    }

    /** CPU times; two samples give a percentage. */
    public static CpuTimes cpuTimes() throws IOException {
        return cpuTimes(KernelFile.read("/proc/stat"));
    }

    /** Of the first line: user nice system idle iowait irq softirq steal; guest times are within user and nice. */
    static CpuTimes cpuTimes(String stat) {
        String[] words = stat.substring(0, stat.indexOf('\n')).split(" +");
        long all = 0;
        for (int i = 1; i < Math.min(words.length, 9); i++) {
            all += Long.parseLong(words[i]);
        }
        long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]);
        return new CpuTimes((all - idle) * NANOS_PER_TICK, all * NANOS_PER_TICK);
    }

    /** Memory and swap. */
    public static Memory memory() throws IOException {
        String text = KernelFile.read("/proc/meminfo");
        return new Memory(
                kilobytes(text, "MemTotal"),
                kilobytes(text, "MemAvailable"),
                kilobytes(text, "SwapTotal"),
                kilobytes(text, "SwapFree"));
    }

    private static long kilobytes(String text, String key) {
        return Fields.number(text, key, 0) * 1024;
    }

    /** Pressure on {@code cpu}, {@code memory} or {@code io}; {@link PressureStall#UNKNOWN} where it is not accounted. */
    public static PressureStall pressure(String resource) throws IOException {
        return PressureStall.read("/proc/pressure/" + resource);
    }

    /** Release of the running kernel, as {@code uname -r}. */
    public static String kernel() throws IOException {
        return KernelFile.read("/proc/sys/kernel/osrelease").strip();
    }

    /** {@code vmx}, {@code svm} or {@code none}: what /proc/cpuinfo flags; it says nothing about /dev/kvm. */
    public static String hardwareVirtualization() throws IOException {
        return hardwareVirtualization(KernelFile.read("/proc/cpuinfo"));
    }

    static String hardwareVirtualization(String cpuinfo) {
        int start = cpuinfo.indexOf("\nflags");
        int end = start < 0 ? -1 : cpuinfo.indexOf('\n', start + 1);
        String flags = start < 0 ? "" : cpuinfo.substring(start, end < 0 ? cpuinfo.length() : end) + " ";
        return flags.contains(" vmx ") ? "vmx" : flags.contains(" svm ") ? "svm" : "none";
    }

    /**
     * What a process uses.
     *
     * @throws ErrnoException ENOENT or ESRCH when there is no such process
     */
    public static ProcessUse process(long pid) throws IOException {
        String rollup = KernelFile.read("/proc/" + pid + "/smaps_rollup");
        return new ProcessUse(kilobytes(rollup, "Pss"), kilobytes(rollup, "Rss"), cpuNanos(KernelFile.read("/proc/" + pid + "/stat")));
    }

    /** utime and stime, fields 14 and 15 of proc_pid_stat(5); the second field is a name that may hold anything. */
    static long cpuNanos(String stat) throws ErrnoException {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length < 13) {
            throw new ErrnoException("read(stat of a process)", Errno.ESRCH);
        }
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
    }

    /** Room on the file system that holds a path. */
    public static Space space(Path path) throws IOException {
        FileStore store = Files.getFileStore(path);
        return new Space(store.getTotalSpace(), store.getUsableSpace());
    }
}
