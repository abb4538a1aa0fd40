package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Mount tables of hosts of every flavor. */
class CgroupMountsTest {
    private static final String HEAD = "22 27 0:21 / /proc rw,relatime - proc proc rw\n";

    @Test
    void systemdsUnified() {
        CgroupMounts mounts = CgroupMounts.parse(
                HEAD + "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
        assertThat(mounts.unified()).isEqualTo(Path.of("/sys/fs/cgroup"));
        assertThat(mounts.controllers()).isEmpty();
    }

    @Test
    void systemdsHybridMountsCpuAndCpuacctTogether() {
        CgroupMounts mounts = CgroupMounts.parse(HEAD
                + "26 25 0:23 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n"
                + "27 25 0:24 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,name=systemd\n"
                + "32 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:16 - cgroup cgroup rw,cpu,cpuacct\n"
                + "33 25 0:30 / /sys/fs/cgroup/memory rw shared:17 - cgroup cgroup rw,memory\n");
        assertThat(mounts.unified()).isEqualTo(Path.of("/sys/fs/cgroup/unified"));
        assertThat(mounts.controllers())
                .containsEntry("cpu", Path.of("/sys/fs/cgroup/cpu,cpuacct"))
                .containsEntry("memory", Path.of("/sys/fs/cgroup/memory"))
                .hasSize(2);
    }

    @Test
    void blanksInPathsAreOctal() {
        CgroupMounts mounts = CgroupMounts.parse("33 25 0:30 / /my\\040groups rw - cgroup cgroup rw,memory\n");
        assertThat(mounts.controllers()).containsEntry("memory", Path.of("/my groups"));
    }

    @Test
    void linesThatAreNotMountsAreSkipped() {
        assertThat(CgroupMounts.parse("\n - \n1 2 3\n33 25 0:30 / /x rw - cgroup\n").controllers()).isEmpty();
    }

    @Test
    void aHostWithoutControlGroupsIsToldWhatToMount() {
        assertThatThrownBy(() -> CgroupTree.open("x", HEAD))
                .isInstanceOfSatisfying(CgroupException.class, e -> assertThat(e.next()).startsWith("mount -t cgroup2"));
    }

    @Test
    void limitsOutOfRangeAreNamed() {
        assertThatThrownBy(() -> new CgroupLimits(0, null, null, null, null, null, null, null, null))
                .hasMessageContaining("CPU weight 0: must be 1 to 10000");
        assertThatThrownBy(() -> new CgroupLimits(null, 0.001, null, null, null, null, null, null, null))
                .hasMessageContaining("0.01 CPUs or more");
        assertThatThrownBy(() -> new CgroupLimits(null, Double.NaN, null, null, null, null, null, null, null))
                .hasMessageContaining("CPU cap NaN");
        assertThatThrownBy(() -> new CgroupLimits(null, null, null, null, null, null, 1L, null, null))
                .hasMessageContaining("major:minor");
        assertThatThrownBy(() -> new CgroupLimits(null, null, null, null, null, null, 1L, null, "1:2 wbps=1"))
                .hasMessageContaining("major:minor");
    }
}
