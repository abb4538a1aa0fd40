package trefoil.daemon.ledger;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import trefoil.api.Pressure;

/** What the host has and uses, read from {@code /proc} (proc(5)) when asked. Thread-safe. */
public interface HostFigures {
    /**
     * @param total bytes of RAM (MemTotal)
     * @param available bytes available (MemAvailable)
     * @param swap bytes of swap
     * @param swapFree bytes of it not used
     */
    record Memory(long total, long available, long swap, long swapFree) {}

    /** @param total bytes @param free bytes that root may still write */
    record Disk(long total, long free) {}

    /** @param busy clock ticks that all CPUs worked @param all clock ticks in all */
    record CpuTicks(long busy, long all) {}

    /** Logical CPUs online. */
    int cpus();

    Memory memory();

    Disk disk();

    CpuTicks ticks();

    /** The host's pressure; components {@code null} without CONFIG_PSI. */
    Pressure pressure();

    /** The kernel's release. */
    String kernel();

    /** {@code vmx}, {@code svm} or {@code none}. */
    String hardwareVirtualization();

    /** {@code v1}, {@code v2} or {@code hybrid}. */
    String cgroupFlavor();

    /** Most tasks that the kernel lets live: the smaller of {@code pid_max} and {@code threads-max}. */
    long mostTasks();

    /** Bytes of memory that a process holds, its share of shared pages (PSS); 0 when it is gone. */
    long processMemory(long pid);

    /** Nanoseconds of CPU time that a process used; 0 when it is gone. */
    long processCpuNanos(long pid);

    /** Those of this host, with the disk that holds {@code directory}. */
    static HostFigures ofProc(Path directory) {
        return new Proc(directory);
    }

    /** Reads {@code /proc}. */
    record Proc(Path directory) implements HostFigures {
        private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every architecture, time(7)

        private static List<String> lines(String file) {
            try {
                return Files.readAllLines(Path.of(file), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }

        private static long field(List<String> lines, String name) {
            for (String line : lines) {
                if (line.startsWith(name + ":")) {
                    return Long.parseLong(line.substring(name.length() + 1).replace("kB", "").strip()) << 10;
                }
            }
            return 0;
        }

        @Override
        public int cpus() {
            return Runtime.getRuntime().availableProcessors();
        }

        @Override
        public Memory memory() {
            List<String> lines = lines("/proc/meminfo");
            return new Memory(
                    field(lines, "MemTotal"), field(lines, "MemAvailable"), field(lines, "SwapTotal"), field(lines, "SwapFree"));
        }

        @Override
        public Disk disk() {
            File there = directory.toFile(); // Files.getFileStore would read the table of all mounts
            long total = there.getTotalSpace();
            if (total == 0) {
                throw new UncheckedIOException(new IOException("cannot read the size of the file system of " + directory));
            }
            return new Disk(total, there.getUsableSpace());
        }

        @Override
        public CpuTicks ticks() {
            String[] fields = lines("/proc/stat").getFirst().trim().split(" +");
            long all = 0;
            for (int i = 1; i <= 8; i++) {
                all += Long.parseLong(fields[i]);
            }
            return new CpuTicks(all - Long.parseLong(fields[4]) - Long.parseLong(fields[5]), all);
        }

        @Override
        public Pressure pressure() {
            return new Pressure(some("cpu"), some("memory"), some("io"));
        }

        private static Double some(String resource) {
            Path file = Path.of("/proc/pressure", resource);
            if (!Files.isReadable(file)) {
                return null;
            }
            String line = lines(file.toString()).getFirst();
            int start = line.indexOf("avg10=") + 6;
            return Double.valueOf(line.substring(start, line.indexOf(' ', start)));
        }

        @Override
        public String kernel() {
            return lines("/proc/sys/kernel/osrelease").getFirst();
        }

        @Override
        public String hardwareVirtualization() {
            for (String line : lines("/proc/cpuinfo")) {
                if (line.startsWith("flags")) {
                    String flags = line + " ";
                    return flags.contains(" vmx ") ? "vmx" : flags.contains(" svm ") ? "svm" : "none";
                }
            }
            return "none";
        }

        @Override
        public String cgroupFlavor() {
            boolean v1 = false;
            boolean v2 = false;
            for (String line : lines("/proc/self/mountinfo")) {
                v1 |= line.contains(" - cgroup ");
                v2 |= line.contains(" - cgroup2 ");
            }
            return v1 && v2 ? "hybrid" : v1 ? "v1" : "v2";
        }

        @Override
        public long mostTasks() {
            return Math.min(
                    Long.parseLong(lines("/proc/sys/kernel/pid_max").getFirst()),
                    Long.parseLong(lines("/proc/sys/kernel/threads-max").getFirst()));
        }

        @Override
        public long processMemory(long pid) {
            Path file = Path.of("/proc", Long.toString(pid), "smaps_rollup");
            try {
                return field(Files.readAllLines(file, StandardCharsets.ISO_8859_1), "Pss");
            } catch (IOException e) {
                return 0; // the process is gone
            }
        }

        @Override
        public long processCpuNanos(long pid) {
            try {
                String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
            } catch (IOException e) {
                return 0; // the process is gone
            }
        }
    }
}
