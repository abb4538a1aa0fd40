package trefoil.vmm.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this process has taken of the host, proc(5). */
final class OwnProcess {
    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on x86
    /** Anonymous memory and page tables: heap, code, stacks, and what they take to be mapped. A guest's RAM is shared memory and not in them. */
    private static final List<String> BEYOND = List.of("RssAnon:", "VmPTE:");

    private OwnProcess() {}

    /** CPU time in nanoseconds, to 10 ms. */
    static long cpuNanos() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK; // utime, stime
        } catch (IOException e) {
            return 0;
        }
    }

    /** Octets that it holds beyond the guest's RAM. */
    static long memory() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().map(line -> line.split("\\s+")).filter(words -> BEYOND.contains(words[0])).mapToLong(words -> Long.parseLong(words[1]) << 10).sum();
        } catch (IOException e) {
            return 0;
        }
    }
}
