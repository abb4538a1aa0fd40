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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.disk.BackingRoots;
import trefoil.disk.Images;

/** Linux's own NVMe driver, which Debian's cloud kernel has built in, on our controller: by MSI-X with a queue for each processor, and by the interrupt pin; over an unbinding and binding again, to the shutdown. */
class NvmeBootTest {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final long MIB = 1 << 20;
    private static final int DISK = 8 << 20;
    private static final int WRITTEN = 3 << 20;
    private static final int LONGEST_MINUTES = 3;
    private static final String INIT =
            """
            #!/bin/busybox sh
            /bin/busybox --install -s /bin
            export PATH=/bin
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            mount -t devtmpfs dev /dev
            disk=/dev/nvme0n1
            n=0; until [ -b $disk ] || [ $n = 100 ]; do sleep 0.1; n=$((n + 1)); done
            echo "controller:" $(cat /sys/class/nvme/nvme0/model /sys/class/nvme/nvme0/serial)
            echo "queue: $(cat /sys/block/nvme0n1/size) blocks, $(cat /sys/block/nvme0n1/queue/write_cache), at most $(cat /sys/block/nvme0n1/queue/max_hw_sectors_kb) KiB"
            echo "zeroes: $(cat /sys/block/nvme0n1/queue/write_zeroes_max_bytes) discard: $(cat /sys/block/nvme0n1/queue/discard_max_bytes)"
            echo "disk: $(dd if=$disk bs=1M 2>/dev/null | md5sum)"
            dd if=/content of=$disk bs=1M conv=fsync 2>/dev/null
            address=$(basename $(readlink /sys/class/nvme/nvme0/device))
            echo $address > /sys/bus/pci/drivers/nvme/unbind
            [ -b $disk ] || echo "unbound"
            echo $address > /sys/bus/pci/drivers/nvme/bind
            n=0; until [ -b $disk ] || [ $n = 100 ]; do sleep 0.1; n=$((n + 1)); done
            echo "again: $(dd if=$disk bs=64k count=48 2>/dev/null | md5sum)"
            dd if=$disk of=$disk bs=4k count=256 skip=0 seek=1024 conv=fsync 2>/dev/null
            blkdiscard -o 6291456 -l 1048576 $disk && echo "discarded"
            for n in 1 2 3 4; do dd if=$disk of=/dev/null bs=64k skip=$((n * 16)) count=16 2>/dev/null & done; wait
            grep nvme /proc/interrupts
            dmesg | grep -i nvme
            dmesg | grep -E 'WARNING|BUG|Oops|Call Trace|nvme.*(rror|imeout|ailed|bort|nvalid)' || echo "log: clean"
            poweroff -f
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"2, '', nvme0q2", "1, pci=nomsi, IO-APIC"})
    void debiansKernelReadsAndWritesItsDisk(int vcpus, String option, String interrupts) throws Exception {
        assumeTrue(Files.isExecutable(BUSYBOX), "skipped: busybox-static is not there (apt-get install busybox-static)");
        Path kernel = DebianKernel.image();
        byte[] content = noise(20261123, WRITTEN);
        byte[] before = noise(7, DISK);
        Path disk = Files.write(directory.resolve("disk.raw"), before);
        Terminal terminal = new Terminal("\0", "");
        MachinePlan plan = new MachinePlan("test", vcpus, 256 * MIB, kernel, initrd(content), ("console=ttyS0 mitigations=off cryptomgr.notests quiet panic=-1 " + option).strip(),
                List.of(new MachinePlan.Disk(disk, Images.Format.RAW, BackingRoots.NONE, MachinePlan.Attachment.NVME)), List.of());
        String log = boot(plan, terminal);
        assertThat(log)
                .contains("controller: Trefoil NVMe disk trefoil-1", "queue: 16384 blocks, write back, at most 512 KiB", "zeroes: 33554432 discard: 2199023255040", "disk: " + md5(before), "unbound", "discarded")
                .contains("again: " + md5(content), interrupts, "log: clean");
        byte[] after = Files.readAllBytes(disk);
        System.arraycopy(content, 0, before, 0, WRITTEN);
        System.arraycopy(content, 0, before, 4 << 20, 1 << 20);
        if (after[6 << 20] == 0 && after[(6 << 20) + 1] == 0 && after[(6 << 20) + 2] == 0) { // the host's file system gave the room back
            Arrays.fill(before, 6 << 20, 7 << 20, (byte) 0);
        }
        assertThat(Arrays.mismatch(after, before)).as("where the disk is not what the guest made it").isNegative();
    }

    private static String boot(MachinePlan plan, Terminal terminal) throws Exception {
        try (Machine machine = new Machine(plan, terminal)) {
            CountDownLatch ended = new CountDownLatch(1);
            Thread watchdog = Thread.startVirtualThread(() -> stopLate(machine, ended));
            Machine.Outcome outcome = machine.run();
            ended.countDown();
            watchdog.join();
            assertThat(outcome.end()).as(terminal.text()).isEqualTo(Machine.End.POWERED_OFF);
        }
        return terminal.text();
    }

    private static byte[] noise(int seed, int length) {
        byte[] noise = new byte[length];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static String md5(byte[] octets) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(octets));
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
        for (String name : List.of("bin", "dev", "proc", "sys")) {
            archive.directory(name);
        }
        archive.file("bin/busybox", Files.readAllBytes(BUSYBOX));
        archive.file("content", content);
        archive.file("init", INIT.getBytes(StandardCharsets.US_ASCII));
        Path file = directory.resolve("initrd.gz");
        archive.write(file);
        return file;
    }
}
