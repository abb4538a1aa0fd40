package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import trefoil.linux.ErrnoException;

/** Version 2 controller files; the kernel is a fake, see {@link FakeV2Kernel}. */
class V2ControllersOnFakeKernelTest extends LimitsContract {
    private final FakeV2Kernel kernel = new FakeV2Kernel("254:0", "8:0");
    private final ControllersV2 limiter = new ControllersV2(kernel);

    @Override
    Limiter limiter() {
        return limiter;
    }

    @Override
    String disk() {
        return "254:0";
    }

    private static CgroupLimits cap(Long cap) {
        return new CgroupLimits(null, null, null, cap, null, null, null, null, null);
    }

    @Test
    void aNewGroupWithoutLimitsCostsNoWrite() throws IOException {
        limiter.change(CgroupLimits.NONE, CgroupLimits.NONE);
        assertThat(kernel.journal).isEmpty();
    }

    @Test
    void aLowerCapReclaimsBeforeItIsSet() throws IOException {
        kernel.usage = 100 * MIB;
        kernel.unreclaimable = 30 * MIB;
        limiter.change(CgroupLimits.NONE, cap(64 * MIB));
        assertThat(kernel.journal)
                .containsExactly("memory.high=67108864", "memory.high=max", "memory.max=67108864");
    }

    @Test
    void aCapBelowWhatCannotBeReclaimedIsRefusedAndKillsNobody() throws IOException {
        limiter.change(CgroupLimits.NONE, cap(128 * MIB));
        kernel.usage = 100 * MIB;
        kernel.unreclaimable = 80 * MIB;
        assertThatThrownBy(() -> limiter.change(cap(128 * MIB), cap(64 * MIB)))
                .isInstanceOf(CgroupException.class)
                .hasMessageContaining("80 MiB are in use");
        assertThat(limiter.limits()).isEqualTo(cap(128 * MIB));
        assertThat(kernel.read("memory.high")).isEqualTo("max\n");
    }

    @Test
    void ratesMoveToAnotherDisk() throws IOException {
        CgroupLimits first = new CgroupLimits(null, null, null, null, null, null, MIB, MIB, "254:0");
        CgroupLimits second = new CgroupLimits(null, null, null, null, null, null, MIB, null, "8:0");
        limiter.change(CgroupLimits.NONE, first);
        limiter.change(first, second);
        assertThat(kernel.read("io.max")).isEqualTo("8:0 rbps=1048576 wbps=max riops=max wiops=max\n");
    }

    @Test
    void readsTheStatistics() throws IOException {
        kernel.usage = 750_000;
        CgroupMemory memory = limiter.memory();
        assertThat(memory.usage()).isEqualTo(750_000);
        assertThat(memory.cap()).isEqualTo(Long.MAX_VALUE);
        assertThat(memory.anonymous()).isEqualTo(400_000);
        assertThat(memory.slabReclaimable()).isEqualTo(20_000);
        assertThat(memory.kernel()).isEqualTo(50_000);
        assertThat(memory.swap()).isEqualTo(8192);
        assertThat(limiter.memoryPeak()).isEqualTo(900_000);
        assertThat(limiter.processes()).isEqualTo(3);
        assertThat(limiter.oomKills()).isEqualTo(2);
        assertThat(limiter.transferred()).isEqualTo(new Limiter.Transferred(4097, 8193));
    }

    @Test
    void whatAnOlderKernelLacksIsUnknownAndWhatItCannotLimitIsRefused() throws IOException {
        for (String file : new String[] {"memory.peak", "memory.swap.max", "memory.swap.current", "io.stat", "pids.current"}) {
            kernel.without(file);
        }
        assertThat(limiter.memoryPeak()).isEqualTo(-1);
        assertThat(limiter.processes()).isEqualTo(-1);
        assertThat(limiter.transferred().read()).isEqualTo(-1);
        assertThat(limiter.memory().swap()).isZero();
        assertThat(limiter.limits()).isEqualTo(CgroupLimits.NONE);
    }

    @Test
    void enablesOnlyControllersThatAreThereAndNotYetEnabled() throws IOException {
        Map<String, String> root = new HashMap<>();
        root.put("cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n");
        root.put("cgroup.subtree_control", "memory pids\n");
        StringBuilder written = new StringBuilder();
        CgroupV2.enable(new ControlFiles() {
            @Override
            public String read(String file) {
                return root.get(file);
            }

            @Override
            public void write(String file, String value) throws ErrnoException {
                written.append(file).append(value).append(';');
            }
        });
        assertThat(written.toString()).isEqualTo("cgroup.subtree_control+cpu;cgroup.subtree_control+io;");
    }
}
