package trefoil.vmm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of one thread, which says when it begins and when it ends; to be asked for by others (proc(5), {@code schedstat}: to the nanosecond, and not part of a process's times, which count ticks). Thread-safe. */
final class ThreadTime {
    private static final Path OWN = Path.of("/proc/thread-self");
    private static final Path TASKS = Path.of("/proc/self/task");

    private Path file;
    private long ended;

    /** The calling thread is the one. */
    synchronized void begin() {
        try {
            file = TASKS.resolve(Files.readSymbolicLink(OWN).getFileName()).resolve("schedstat");
        } catch (IOException e) {
            file = null; // no proc file system: nothing is known
        }
    }

    /** The thread is about to end. */
    synchronized void end() {
        ended = nanos();
        file = null;
    }

    /** In nanoseconds; 0 where the kernel keeps no such figure. */
    synchronized long nanos() {
        if (file == null) {
            return ended;
        }
        try {
            return Long.parseLong(Files.readString(file).split(" ")[0]);
        } catch (IOException e) {
            return ended;
        }
    }
}
