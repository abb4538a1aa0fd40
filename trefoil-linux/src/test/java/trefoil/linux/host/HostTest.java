package trefoil.linux.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.ErrnoException;

class HostTest {
    @Test
    void figuresOfThisHostAreWhatTheJvmSees() throws IOException {
        assertThat(Host.cpus()).isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
        Host.Memory memory = Host.memory();
        assertThat(memory.available()).isPositive().isLessThanOrEqualTo(memory.total());
        assertThat(memory.swapFree()).isBetween(0L, memory.swap());
        assertThat(Host.kernel()).isEqualTo(System.getProperty("os.version"));
        assertThat(Host.hardwareVirtualization()).isIn("vmx", "svm", "none");
        assertThat(Host.space(Path.of("/")).total()).isEqualTo(Path.of("/").toFile().getTotalSpace());
        assertThat(Host.pressure("cpu").some()).satisfiesAnyOf(
                some -> assertThat(some).isBetween(0.0, 100.0), some -> assertThat(some).isNaN());
    }

    @Test
    void aBusyThreadMakesTheHostBusy() throws IOException {
        Host.CpuTimes before = Host.cpuTimes();
        long spent = 0;
        for (long from = System.nanoTime(); System.nanoTime() - from < 100_000_000; spent++) {
            Thread.onSpinWait();
        }
        assertThat(spent).isPositive();
        assertThat(Host.cpuTimes().busyPercentSince(before)).isBetween(1.0, 100.0);
    }

    @Test
    void busyPercentCountsNeitherIdleNorWaiting() {
        Host.CpuTimes first = Host.cpuTimes("cpu  100 0 100 800 0 0 0 0 50 0\ncpu0 1\n");
        Host.CpuTimes second = Host.cpuTimes("cpu  120 0 120 840 20 0 0 0 50 0\ncpu0 1\n");
        assertThat(second.busyPercentSince(first)).isEqualTo(40.0);
        assertThat(first.busyPercentSince(first)).isZero();
        assertThat(first.busyPercentSince(second)).isZero();
    }

    @Test
    void thisProcess() throws IOException {
        Host.ProcessUse use = Host.process(ProcessHandle.current().pid());
        assertThat(use.proportional()).isBetween(1L << 20, use.resident());
        assertThat(use.cpuNanos()).isPositive();
        assertThatThrownBy(() -> Host.process(1 << 23)).isInstanceOf(ErrnoException.class);
    }

    @Test
    void aProcessNamedLikeItsOwnStatisticsMisleadsNobody() throws IOException {
        String stat = "12 (a) R 1 1) S 1 12 12 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 100 1 1\n";
        assertThat(Host.cpuNanos(stat)).isEqualTo(2_000_000_000L);
    }

    @Test
    void virtualizationIsAWholeWordOfTheFlags() {
        assertThat(Host.hardwareVirtualization("model\t: vmx\nflags\t\t: fpu svm\n\n")).isEqualTo("svm");
        assertThat(Host.hardwareVirtualization("processor: 0\nflags\t\t: fpu vmx sse\nvmx flags\t: x\n")).isEqualTo("vmx");
        assertThat(Host.hardwareVirtualization("processor: 0\nflags\t\t: fpu svm_lock\nbugs: svm \n")).isEqualTo("none");
        assertThat(Host.hardwareVirtualization("")).isEqualTo("none");
    }

    @Test
    void fieldsAreFoundAtTheStartOfLinesOnly() {
        String text = "MemTotal:       24684084 kB\nActive(anon):  5 kB\nusage_usec 17\nhuge 99999999999999999999\nbad x\n";
        assertThat(Fields.number(text, "MemTotal", -1)).isEqualTo(24684084);
        assertThat(Fields.number(text, "Total", -1)).isEqualTo(-1);
        assertThat(Fields.number(text, "Mem", -1)).isEqualTo(-1);
        assertThat(Fields.number(text, "usage_usec", -1)).isEqualTo(17);
        assertThat(Fields.number(text, "huge", -1)).isEqualTo(Long.MAX_VALUE);
        assertThat(Fields.number(text, "bad").isPresent()).isFalse();
        assertThat(Fields.all(text)).isEqualTo(
                Map.of("MemTotal", 24684084L, "Active(anon)", 5L, "usage_usec", 17L, "huge", Long.MAX_VALUE));
        assertThat(Fields.single("max\n")).isEqualTo(Long.MAX_VALUE);
        assertThat(Fields.single("42\n")).isEqualTo(42);
    }

    @Test
    void pressureOfAKernelWithoutItIsUnknown() throws IOException {
        assertThat(PressureStall.read("/proc/pressure/none")).isEqualTo(PressureStall.UNKNOWN);
        assertThat(PressureStall.parse("some avg10=33.61 avg60=10.04 avg300=3.25 total=28443127\nfull avg10=1 total=2\n"))
                .isEqualTo(new PressureStall(33.61, 28443127));
        assertThat(PressureStall.parse("")).isEqualTo(PressureStall.UNKNOWN);
    }

    @Test
    void aKernelFileLargerThanABufferIsReadWhole(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("large");
        Files.writeString(file, "0123456789".repeat(3000));
        assertThat(KernelFile.read(file.toString())).isEqualTo("0123456789".repeat(3000));
        KernelFile.write(file.toString(), "short");
        assertThat(KernelFile.read(file.toString())).isEqualTo("short");
        assertThatThrownBy(() -> KernelFile.write(directory + "/none", "x"))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void theDiskUnderAPartitionIsTheWholeOne(@TempDir Path sysfs) throws IOException {
        Path disk = Files.createDirectories(sysfs.resolve("devices/vda"));
        Path part = Files.createDirectories(disk.resolve("vda1"));
        Files.writeString(disk.resolve("dev"), "254:0\n");
        Files.writeString(part.resolve("dev"), "254:1\n");
        Files.writeString(part.resolve("partition"), "1\n");
        Files.createSymbolicLink(sysfs.resolve("254:0"), disk);
        Files.createSymbolicLink(sysfs.resolve("254:1"), part);
        assertThat(BlockDevice.whole(sysfs, "254:1")).contains("254:0");
        assertThat(BlockDevice.whole(sysfs, "254:0")).contains("254:0");
        assertThat(BlockDevice.whole(sysfs, "0:35")).isEmpty();
        assertThat(BlockDevice.major(0xfe00L)).isEqualTo(254);
        assertThat(BlockDevice.minor(0x10fe01L)).isEqualTo(0x101);
    }

    @Test
    void thisHostsRootHasADiskOrSaysSo() throws IOException {
        assertThat(BlockDevice.under(Path.of("/proc"))).isEmpty();
        BlockDevice.under(Path.of("/")).ifPresent(number -> assertThat(number).matches("\\d+:\\d+"));
    }
}
