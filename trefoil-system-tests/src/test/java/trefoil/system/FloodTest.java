package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A console that is written to without end, and nobody watches. */
@Order(16)
class FloodTest {
    private static final long MIB = 1L << 20;
    /** Both files of a console's log together. */
    private static final long LOG = 2 * MIB;
    private final Host host = Host.shared();

    @Test
    void theWriterGoesOnAndMemoryAndLogStayBounded() {
        try (Guest guest = Guest.launch(host, "busybox", "flood", "--cpus", "1")) {
            // In a session of its own: the console becomes the terminal of whoever opens it first, and goes with that session.
            guest.sh("setsid sh -c 'echo $$ > /pid; exec yes \"$(seq -s \" \" 40)\" > /dev/console' >/dev/null 2>&1 </dev/null &");
            long writer = writer();
            long daemon = host.daemon();
            progress("with a daemon", writer, 4 * MIB);
            long memory = resident(daemon);
            progress("with a daemon, later", writer, 12 * MIB);
            assertThat(resident(daemon) - memory).as("growth of the daemon's memory").isLessThan(96 * MIB);
            assertThat(log()).isBetween(1L, LOG + 65_536);

            host.killDaemon();
            progress("without a daemon", writer, 4 * MIB);
            long keeper = process("trefoil-keeper");
            assertThat(keeper).as("the keeper's number").isPositive();
            memory = resident(keeper);
            progress("without a daemon, later", writer, 12 * MIB);
            assertThat(resident(keeper) - memory).as("growth of the keeper's memory").isLessThan(4 * MIB);
            assertThat(log()).isLessThanOrEqualTo(LOG + 65_536);

            assertThat(guest.sh("echo alive")).isEqualTo("alive");
            progress("with the next daemon", writer, 4 * MIB);
            guest.sh("kill $(cat /pid)");
            guest.sh("echo the last words > /dev/console");
            Awaitility.await("the log to be up to date").atMost(Duration.ofSeconds(60)).until(() -> host.trefoil("logs", "flood").ok().out().contains("the last words"));
            assertThat(log()).isLessThanOrEqualTo(LOG + 65_536);
        }
    }

    /** The process that floods, by the host's number. */
    private long writer() {
        return Awaitility.await("the flood to begin").atMost(Duration.ofSeconds(20)).until(() -> process("yes"), pid -> pid != 0);
    }

    /** A process of this host's servers, or of its own, by its short name; 0 when there is none. */
    private long process(String name) {
        return host.processes().stream().filter(pid -> name.equals(shortName(pid))).findFirst().orElse(0L);
    }

    private static String shortName(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static void progress(String when, long writer, long bytes) {
        LongSupplier written = () -> figure(Path.of("/proc/" + writer + "/io"), "wchar:");
        long before = written.getAsLong();
        Awaitility.await("the writer to go on " + when).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50)).until(() -> written.getAsLong() > before + bytes);
    }

    private static long resident(long pid) {
        return figure(Path.of("/proc/" + pid + "/status"), "VmRSS:") * 1024;
    }

    private static long figure(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name)).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new AssertionError("cannot read " + file, e);
        }
    }

    private long log() {
        long size = 0;
        for (String file : new String[] {"console.log", "console.log.1"}) {
            try {
                size += Files.size(host.directory().resolve("servers/flood").resolve(file));
            } catch (NoSuchFileException e) {
                // not yet so much
            } catch (IOException e) {
                throw new AssertionError("cannot look at " + file, e);
            }
        }
        return size;
    }
}
