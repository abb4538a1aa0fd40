package trefoil.vmm.service;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of this process and of the threads in it that execute the guest, proc(5). */
final class ProcessorTime {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final String VCPU = "trefoil-vcpu";
    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on x86

    private ProcessorTime() {}

    /** In nanoseconds; those that ended are not in it. 0 where the kernel keeps no schedstat. */
    static long ofVcpus() {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).startsWith(VCPU)) {
                    sum += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
                }
            }
        } catch (IOException e) {
            return sum; // a thread ended meanwhile
        }
        return sum;
    }

    /** In nanoseconds, to 10 ms. */
    static long ofProcess() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK; // utime, stime
        } catch (IOException e) {
            return 0;
        }
    }
}
