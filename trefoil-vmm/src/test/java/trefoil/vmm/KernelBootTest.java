package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.disk.Images;
import trefoil.engine.VcpuStatistics;

/** Debian's own kernel, unpatched, on the software processor and the board: to a shell, a disk by virtio, and a power-off by ACPI. */
class KernelBootTest {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final long MIB = 1 << 20;
    private static final int DISK = 4 << 20;
    private static final int WRITTEN = 512 << 10;
    private static final int LONGEST_MINUTES = 5;
    private static final List<String> MODULES = List.of("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk");
    private static final String INIT =
            """
            #!/bin/busybox sh
            /bin/busybox --install -s /bin
            export PATH=/bin
            mount -t proc proc /proc
            mount -t devtmpfs dev /dev
            for m in MODULES; do insmod /lib/$m.ko || echo "no $m"; done
            echo "kernel: $(uname -sm)"
            echo "memory: $(sed -n 's/MemTotal: *//p' /proc/meminfo)"
            echo "file: $(sha256sum < /content)"
            echo "disk: $(dd if=/dev/vda bs=64k 2>/dev/null | sha256sum)"
            dd if=/content of=/dev/vda bs=64k conv=fsync 2>/dev/null
            echo "numbers: $(awk 'BEGIN { printf "%.10f %.6e", 1e3 / 7, 2.5 * 2.5 / 3 }')"
            echo -n "name? "
            read name
            echo "hello, $name"
            dmesg | grep -E 'WARNING|BUG|Oops|Call Trace' || echo "log: clean"
            poweroff -f
            """;

    @TempDir
    Path directory;

    @Test
    void debiansKernelReachesAShellItsDiskAndThePowerSwitch() throws Exception {
        assumeTrue(Files.isExecutable(BUSYBOX), "skipped: busybox-static is not there (apt-get install busybox-static)");
        Path kernel = DebianKernel.image();
        byte[] content = new byte[WRITTEN];
        new Random(20261123).nextBytes(content);
        byte[] before = new byte[DISK];
        new Random(7).nextBytes(before);
        Path disk = Files.write(directory.resolve("disk.raw"), before);
        Path initrd = initrd(content);
        Terminal terminal = new Terminal("name? ", "Trefoil\n");
        MachinePlan plan = new MachinePlan(
                "test", 256 * MIB, kernel, initrd, "console=ttyS0 mitigations=off cryptomgr.notests quiet panic=-1", List.of(new MachinePlan.Disk(disk, Images.Format.RAW)));
        try (Machine machine = new Machine(plan, terminal)) {
            CountDownLatch ended = new CountDownLatch(1);
            Thread watchdog = Thread.startVirtualThread(() -> stopLate(machine, ended));
            Machine.Outcome outcome = machine.run();
            ended.countDown();
            watchdog.join();
            String log = terminal.text();
            assertThat(outcome.end()).as(log).isEqualTo(Machine.End.POWERED_OFF);
            assertThat(log)
                    .contains("kernel: Linux x86_64", "file: " + sha256(content), "disk: " + sha256(before), "numbers: 142.8571428571 2.083333e+00", "hello, Trefoil", "log: clean")
                    .doesNotContain("no virtio");
            assertThat(log.replaceAll("(?s).*memory: (\\d+) kB.*", "$1")).as(log).satisfies(kib -> assertThat(Long.parseLong(kib)).isBetween(180_000L, 262_144L));
            VcpuStatistics did = machine.statistics();
            assertThat(did.instructions()).isGreaterThan(100_000_000);
            assertThat(did.interrupts()).isPositive();
        }
        byte[] after = Files.readAllBytes(disk);
        assertThat(sha256(Arrays.copyOf(after, WRITTEN))).as("what the guest wrote").isEqualTo(sha256(content));
        assertThat(Arrays.equals(after, WRITTEN, DISK, before, WRITTEN, DISK)).as("what it did not write").isTrue();
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

    private Path initrd(byte[] content) throws Exception {
        InitialRamDisk archive = new InitialRamDisk();
        for (String name : List.of("bin", "dev", "lib", "proc")) {
            archive.directory(name);
        }
        archive.file("bin/busybox", Files.readAllBytes(BUSYBOX));
        for (String module : MODULES) {
            archive.file("lib/" + module + ".ko", DebianKernel.module(module));
        }
        archive.file("content", content);
        archive.file("init", INIT.replace("MODULES", String.join(" ", MODULES)).getBytes(StandardCharsets.US_ASCII));
        Path file = directory.resolve("initrd.gz");
        archive.write(file);
        return file;
    }

    private static String sha256(byte[] octets) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    }
}
