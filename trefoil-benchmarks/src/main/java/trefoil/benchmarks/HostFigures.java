package trefoil.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Figures of processes and of the machine, from /proc (proc(5)). */
final class HostFigures {
    /** Nanoseconds of a clock tick: USER_HZ is 100 on x86 and arm64. */
    private static final long TICK = 10_000_000;

    private static final int UTIME = 11;
    private static final int CSTIME = 14;

    private HostFigures() {}

    /** Processes whose initial environment holds {@code assignment}. */
    static List<Long> withEnvironment(String assignment) throws IOException {
        return processes("environ", text -> ("\0" + text).contains("\0" + assignment + "\0"));
    }

    /** Processes whose command line contains {@code text}. */
    static List<Long> withCommandLine(String part) throws IOException {
        return processes("cmdline", text -> text.replace('\0', ' ').contains(part));
    }

    private static List<Long> processes(String file, java.util.function.Predicate<String> accepted) throws IOException {
        List<Long> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.toList()) {
                String name = process.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit) && accepted.test(text(process.resolve(file)))) {
                    found.add(Long.valueOf(name));
                }
            }
        }
        return found;
    }

    /** CPU time of processes and of those that they waited for. */
    static long cpuNanos(List<Long> pids) {
        long ticks = 0;
        for (long pid : pids) {
            String stat = text(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            for (int i = UTIME; i <= CSTIME && i < fields.length; i++) {
                ticks += Long.parseLong(fields[i]);
            }
        }
        return ticks * TICK;
    }

    /** Proportional set size in bytes; 0 where the process is gone. */
    static long pss(long pid) {
        return kib(text(Path.of("/proc", Long.toString(pid), "smaps_rollup")), "Pss:");
    }

    /** Resident set size in bytes; 0 where the process is gone. */
    static long rss(long pid) {
        return kib(text(Path.of("/proc", Long.toString(pid), "status")), "VmRSS:");
    }

    /** Words of a process's command line; none where it is gone. */
    static List<String> commandLine(long pid) {
        String line = text(Path.of("/proc", Long.toString(pid), "cmdline"));
        return line.isEmpty() ? List.of() : List.of(line.substring(0, line.length() - 1).split("\0", -1));
    }

    /** Bytes of unreclaimable and reclaimable kernel slabs. */
    static long slab() {
        return kib(text(Path.of("/proc/meminfo")), "Slab:");
    }

    private static long kib(String text, String key) {
        return text.lines()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    static String load() {
        return text(Path.of("/proc/loadavg")).split(" ")[0];
    }

    static String kernel() {
        return text(Path.of("/proc/sys/kernel/osrelease")).strip();
    }

    static String processor() {
        return text(Path.of("/proc/cpuinfo")).lines()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown processor");
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // the process is gone, or the kernel has no such file
            return "";
        }
    }
}
