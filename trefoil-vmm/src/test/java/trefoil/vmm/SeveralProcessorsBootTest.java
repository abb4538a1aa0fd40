package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel on two processors: both come up and are used, and nothing of it complains. {@code -Dtrefoil.vmm.boots=N} boots N times, {@code -Dtrefoil.vmm.cpus=N} with other numbers of processors. */
class SeveralProcessorsBootTest {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final int BOOTS = Integer.getInteger("trefoil.vmm.boots", 1);
    private static final int CPUS = Integer.getInteger("trefoil.vmm.cpus", 2);
    private static final int LONGEST_MINUTES = 5;
    /** Hundredths of a second that a busy loop must have spent on its processor. */
    private static final int BUSY = 10;

    private static final String INIT =
            """
            #!/bin/busybox sh
            /bin/busybox --install -s /bin
            export PATH=/bin
            mount -t proc proc /proc
            mount -t devtmpfs dev /dev
            echo "processors: $(nproc)"
            sed 's/^/before: /' /proc/stat
            for n in $(seq $(nproc)); do (x=0; while [ $x -lt 4000 ]; do x=$((x + 1)); done) & done
            wait
            sed 's/^/after: /' /proc/stat
            for n in $(seq 20); do (true | cat; true) & done
            wait
            dmesg | grep -E 'WARNING|BUG:|Oops|Call Trace|stall|lockup|hung|unstable' || echo "log: clean"
            poweroff -f
            """;

    @TempDir
    Path directory;

    @Test
    void bothAreUsedAndTheKernelHasNothingToComplainOf() throws Exception {
        assumeTrue(Files.isExecutable(BUSYBOX), "skipped: busybox-static is not there (apt-get install busybox-static)");
        Path kernel = DebianKernel.image();
        Path initrd = initrd();
        for (int boot = 0; boot < BOOTS; boot++) {
            Terminal terminal = new Terminal("\0", "");
            MachinePlan plan = new MachinePlan("test", CPUS, 256 << 20, kernel, initrd, "console=ttyS0 mitigations=off cryptomgr.notests quiet panic=-1", List.of(), List.of());
            try (Machine machine = new Machine(plan, terminal)) {
                CountDownLatch ended = new CountDownLatch(1);
                Thread watchdog = Thread.startVirtualThread(() -> stopLate(machine, ended));
                Machine.Outcome outcome = machine.run();
                ended.countDown();
                watchdog.join();
                String log = terminal.text();
                assertThat(outcome.end()).as(log).isEqualTo(Machine.End.POWERED_OFF);
                assertThat(log).contains("processors: " + CPUS, "log: clean");
                for (int cpu = 0; cpu < CPUS; cpu++) {
                    assertThat(user(log, "after", cpu) - user(log, "before", cpu)).as("time of processor %s in %s", cpu, log).isGreaterThan(BUSY);
                }
            }
            assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).noneMatch(name -> name.startsWith("test-vcpu"));
        }
    }

    private static long user(String log, String when, int cpu) {
        Matcher line = Pattern.compile(when + ": cpu" + cpu + " (\\d+)").matcher(log);
        assertThat(line.find()).as(log).isTrue();
        return Long.parseLong(line.group(1));
    }

    private static void stopLate(Machine machine, CountDownLatch ended) {
        try {
            if (!ended.await(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                machine.stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path initrd() throws Exception {
        InitialRamDisk archive = new InitialRamDisk();
        for (String name : List.of("bin", "dev", "proc")) {
            archive.directory(name);
        }
        archive.file("bin/busybox", Files.readAllBytes(BUSYBOX));
        archive.file("init", INIT.getBytes(StandardCharsets.US_ASCII));
        Path file = directory.resolve("initrd.gz");
        archive.write(file);
        return file;
    }
}
