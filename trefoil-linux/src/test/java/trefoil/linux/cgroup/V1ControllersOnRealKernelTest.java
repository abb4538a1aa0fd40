package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.Errno;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.host.Fields;
import trefoil.linux.host.KernelFile;

/** Version 1 controllers of the running kernel: that limits are set, and that they limit. */
class V1ControllersOnRealKernelTest extends LimitsContract {
    private CgroupTree tree;
    private Cgroup group;
    private Limiter limiter;

    @BeforeEach
    void make() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/core_pattern")), "needs root: makes control groups");
        tree = CgroupTree.open("t" + Long.toHexString(new SecureRandom().nextLong() & 0xffffffffL));
        Assumptions.assumeTrue(!tree.flavor().equals("v2"), "this host has no version 1 controllers");
        group = tree.create("web", CgroupLimits.NONE, 1_900_000);
        Map<String, ControlFiles> files = new LinkedHashMap<>();
        CgroupMounts.parse(KernelFile.read("/proc/self/mountinfo"))
                .controllers()
                .forEach((controller, root) -> files.put(controller, ControlFiles.of(tree.below(root, "web"))));
        limiter = new ControllersV1(files);
    }

    @AfterEach
    void remove() throws IOException {
        if (group != null) {
            group.kill();
            group.remove();
        }
        if (tree != null) {
            tree.remove();
            tree.close();
        }
    }

    @Override
    Limiter limiter() {
        return limiter;
    }

    @Override
    String disk() {
        try {
            for (Path disk : Files.list(Path.of("/sys/block")).sorted().toList().reversed()) {
                if (Files.exists(disk.resolve("device"))) {
                    return KernelFile.read(disk + "/dev").strip();
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("no disk");
    }

    private static CgroupLimits memory(long cap) {
        return new CgroupLimits(null, null, null, cap, 0L, null, null, null, null);
    }

    @Test
    void theMemoryCapHoldsAndItsKillsAreCountedAndTold() throws Exception {
        group.limits(memory(24 * MIB));
        try (FileDescriptor events = group.oomEvents();
                Inhabitant bomb = Inhabitant.of(group, "exec perl -e '$x = \"x\" x (200<<20); sleep 1000'")) {
            assertThat(bomb.await()).isEqualTo(137);
            assertThat(readable(events)).isTrue();
        }
        CgroupStatistics statistics = group.statistics();
        assertThat(statistics.oomKills()).isPositive();
        assertThat(statistics.memoryPeak()).isBetween(20 * MIB, 24 * MIB);
    }

    @Test
    void oomEventsAreReadableOnlyAfterOne() throws Exception {
        group.limits(memory(24 * MIB));
        try (FileDescriptor events = group.oomEvents()) {
            assertThat(readable(events)).isFalse();
        }
    }

    private static boolean readable(FileDescriptor events) {
        try (Arena arena = Arena.ofConfined()) {
            long n = Syscall.raw(0, events.number(), arena.allocate(4096).address(), 4096);
            assertThat(n).isIn(8L, (long) -Errno.EAGAIN);
            return n > 0;
        }
    }

    @Test
    void theProcessLimitStopsAForkBomb() throws Exception {
        group.limits(new CgroupLimits(null, null, null, null, null, 10L, null, null, null));
        try (Inhabitant bomb = Inhabitant.of(group, "i=0; while [ $i -lt 40 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i+1)); done; wait")) {
            assertThat(bomb.output()).contains("fork");
            assertThat(group.statistics().processes()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void theCpuCapHolds() throws Exception {
        group.limits(new CgroupLimits(null, 0.1, null, null, null, null, null, null, null));
        try (Inhabitant busy = Inhabitant.of(group, "while :; do :; done")) {
            long from = System.nanoTime();
            long used = group.cpu().total();
            long throttled = 0;
            while (throttled < 8) { // eight periods of 100 ms in which it had used up its quota
                throttled = Fields.number(cpuStat(), "nr_throttled", 0);
                Thread.onSpinWait();
                if (System.nanoTime() - from > 15_000_000_000L) {
                    break;
                }
                Thread.yield();
            }
            double cpus = (group.cpu().total() - used) / (double) (System.nanoTime() - from);
            assertThat(throttled).isGreaterThanOrEqualTo(8);
            assertThat(cpus).isLessThan(0.2);
            assertThat(busy.alive()).isTrue();
        }
    }

    private String cpuStat() throws IOException {
        Path root = CgroupMounts.parse(KernelFile.read("/proc/self/mountinfo")).controllers().get("cpu");
        return KernelFile.read(tree.below(root, "web") + "/cpu.stat");
    }

    @Test
    void aCapBelowWhatIsInUseIsRefusedAndAllLimitsStay() throws Exception {
        CgroupLimits before = new CgroupLimits(300, 1.0, null, 64 * MIB, 0L, 100L, null, null, null);
        group.limits(before);
        try (Inhabitant holder = Inhabitant.of(
                group, "exec perl -e '$x = \"x\" x (30<<20); $|=1; print \"held\\n\"; sleep 1000'")) {
            assertThat(holder.line()).isEqualTo("held");
            CgroupLimits lower = new CgroupLimits(50, 0.5, null, 8 * MIB, 0L, 50L, null, null, null);
            assertThatThrownBy(() -> group.limits(lower))
                    .isInstanceOf(CgroupException.class)
                    .hasMessageContaining("8 MiB").hasMessageContaining("MiB are in use");
            assertThat(group.limits()).isEqualTo(before);
            assertThat(holder.alive()).isTrue();
        }
    }

    @Test
    void aSwapCapNeedsAMemoryCap() {
        CgroupLimits limits = new CgroupLimits(null, null, null, null, MIB, null, null, null, null);
        assertThatThrownBy(() -> group.limits(limits))
                .isInstanceOf(CgroupException.class)
                .hasMessageContaining("without a memory cap");
    }

    @Test
    void aGroupWhoseLimitsFailIsNotMade() throws Exception {
        CgroupLimits limits = new CgroupLimits(null, null, null, null, null, null, MIB, null, "4000:77");
        assertThatThrownBy(() -> tree.create("bad", limits, 1_900_000)).isInstanceOf(CgroupException.class);
        assertThat(tree.names()).containsExactly("web");
    }

    @Test
    void theTopGroupOutweighsTheHostsProcesses() throws Exception {
        Path root = CgroupMounts.parse(KernelFile.read("/proc/self/mountinfo")).controllers().get("cpu");
        assertThat(KernelFile.read(tree.top(root) + "/cpu.shares")).isEqualTo("10240\n");
    }

    @Test
    void readAndWrittenBytesAreCounted() throws Exception {
        Path file = Files.createTempFile(Path.of("/var/tmp"), "trefoil", ".bin");
        try (Inhabitant writer =
                Inhabitant.of(group, "exec dd if=/dev/zero of=" + file + " bs=64k count=16 oflag=direct,dsync")) {
            assertThat(writer.await()).as(writer.output()).isZero();
            assertThat(group.statistics().ioWritten()).isGreaterThanOrEqualTo(MIB);
        } finally {
            Files.delete(file);
        }
    }
}
