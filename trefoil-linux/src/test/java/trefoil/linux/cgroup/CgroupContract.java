package trefoil.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.host.KernelFile;

/** What every flavor of tree must do, on the real kernel: birth, freeze, kill, pressure, delegation, removal. */
abstract class CgroupContract {
    private static final SecureRandom RANDOM = new SecureRandom();
    static final int OWNER = 1_900_000;

    final String tag = "t" + Long.toHexString(RANDOM.nextLong() & 0xffffffffL);
    CgroupTree tree;

    /** Opens the flavor under test. */
    abstract CgroupTree open(String tag) throws IOException;

    abstract String flavor();

    @BeforeEach
    void openTree() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/core_pattern")), "needs root: makes control groups");
        tree = open(tag);
    }

    @AfterEach
    void removeAll() throws IOException {
        if (tree == null) {
            return;
        }
        for (String name : tree.names()) {
            Cgroup group = tree.find(name).orElseThrow();
            if (Files.exists(group.directory())) {
                group.kill();
            }
            group.remove();
        }
        tree.remove();
        assertThat(tree.roots()).noneMatch(root -> Files.exists(root.resolve("trefoil-" + tag)));
        tree.close();
    }

    Cgroup create(String name) throws IOException {
        return tree.create(name, CgroupLimits.NONE, OWNER);
    }

    @Test
    void saysItsFlavor() {
        assertThat(tree.flavor()).isEqualTo(flavor());
    }

    @Test
    void findsWhatItMadeAndForgetsWhatItRemoved() throws IOException {
        assertThat(tree.find("web")).isEmpty();
        create("web");
        create("db");
        assertThat(tree.names()).containsExactly("db", "web");
        assertThat(tree.find("web")).isPresent();
        tree.find("web").orElseThrow().remove();
        assertThat(tree.names()).containsExactly("db");
        tree.find("db").orElseThrow().remove();
        tree.group("db").remove(); // again: no-op
    }

    @Test
    void refusesASecondGroupOfTheNameAndKeepsTheFirst() throws IOException {
        create("web");
        assertThatThrownBy(() -> create("web")).isInstanceOf(CgroupException.class).hasMessageContaining("already");
        assertThat(tree.find("web")).isPresent();
    }

    @Test
    void refusesNamesThatLeaveTheTree() {
        for (String name : List.of("", ".", "..", "a/b", "../x", "-x", ".x", "cgroup.procs", "a\n", "x".repeat(65))) {
            assertThatThrownBy(() -> create(name)).as(name).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aServerMayBeCalledTasks() throws IOException {
        create("tasks");
        assertThat(tree.names()).containsExactly("tasks");
        tree.find("tasks").orElseThrow().remove();
        assertThat(tree.names()).isEmpty();
    }

    @Test
    void aChildIsBornIntoIt() throws IOException {
        Cgroup group = create("web");
        assertThat(group.processes()).isEmpty();
        assertThat(group.populated()).isFalse();
        try (Inhabitant sleeper = Inhabitant.of(group, "exec sleep 1000")) {
            assertThat(group.processes()).containsExactly(sleeper.pid());
            assertThat(group.populated()).isTrue();
            String membership = KernelFile.read("/proc/" + sleeper.pid() + "/cgroup");
            assertThat(membership).contains("0::/trefoil-" + tag + "/web\n");
        }
    }

    @Test
    void freezesAndThaws() throws IOException {
        Cgroup group = create("web");
        assertThat(group.frozen()).isFalse();
        try (Inhabitant busy = Inhabitant.of(group, "while :; do :; done")) {
            group.freeze();
            assertThat(group.frozen()).isTrue();
            long used = group.cpu().total();
            group.freeze();
            assertThat(group.cpu().total()).isEqualTo(used).isPositive();
            group.thaw();
            assertThat(group.frozen()).isFalse();
            assertThat(busy.alive()).isTrue();
        }
    }

    @Test
    void anEmptyGroupFreezesToo() throws IOException {
        Cgroup group = create("web");
        group.freeze();
        assertThat(group.frozen()).isTrue();
        group.thaw();
    }

    @Test
    void killsAllEvenFrozenAndForking() throws Exception {
        Cgroup group = create("web");
        try (Inhabitant one = Inhabitant.of(group, "trap '' TERM HUP INT; while :; do sleep 1000 & sleep 0.01; done");
                Inhabitant two = Inhabitant.of(group, "exec sleep 1000")) {
            group.freeze();
            group.kill();
            assertThat(group.populated()).isFalse();
            assertThat(one.await()).isEqualTo(137);
            assertThat(two.await()).isEqualTo(137);
        }
    }

    @Test
    void removesItWithWhatTheGuestMadeBelow() throws Exception {
        Cgroup group = create("web");
        Path deep = group.directory();
        for (int i = 0; i < 40; i++) {
            deep = deep.resolve("level" + i);
            Files.createDirectory(deep);
        }
        for (int i = 0; i < 50; i++) {
            Files.createDirectories(group.directory().resolve("unit" + i + "/below"));
        }
        try (Inhabitant sleeper = Inhabitant.of(group, "exec sleep 1000")) {
            KernelFile.write(deep + "/cgroup.procs", Integer.toString(sleeper.pid()));
            assertThat(group.processes()).containsExactly(sleeper.pid());
            group.kill();
            group.remove();
        }
        assertThat(tree.names()).isEmpty();
    }

    @Test
    void aGuestsGroupsAreBounded() throws IOException {
        Cgroup group = create("web");
        assertThat(KernelFile.read(group.directory() + "/cgroup.max.descendants")).isEqualTo("8192\n");
        Path deep = group.directory();
        IOException stopped = null;
        for (int i = 0; i < 100 && stopped == null; i++) {
            deep = deep.resolve("d");
            try {
                GroupDirectory.make(deep);
            } catch (IOException e) {
                stopped = e;
            }
        }
        assertThat(stopped).hasMessageContaining("EAGAIN");
    }

    @Test
    void delegatesAsTheKernelListsAndKeepsTheRest() throws IOException {
        Cgroup group = create("web");
        List<String> delegated = List.of("", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control");
        for (String file : delegated) {
            assertThat(owner(group.directory().resolve(file))).as(file).isEqualTo(OWNER);
        }
        for (String file : List.of("cgroup.freeze", "cgroup.kill", "cgroup.max.descendants", "cgroup.type")) {
            assertThat(owner(group.directory().resolve(file))).as(file).isZero();
        }
    }

    private static int owner(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:uid");
    }

    @Test
    void tellsPressureAndCpuTime() throws Exception {
        Cgroup group = create("web");
        try (Inhabitant busy = Inhabitant.of(group, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")) {
            busy.await();
        }
        CgroupStatistics statistics = group.statistics();
        assertThat(statistics.cpuNanos()).isBetween(1_000_000L, 20_000_000_000L);
        if (Files.exists(Path.of("/proc/pressure/cpu"))) {
            assertThat(statistics.cpuPressure().some()).isBetween(0.0, 100.0);
            assertThat(statistics.memoryPressure().total()).isNotNegative();
            assertThat(statistics.ioPressure().some()).isBetween(0.0, 100.0);
        }
    }

    @Test
    void doesNotRemoveUnderLivingProcesses() throws Exception {
        Cgroup group = create("web");
        try (Inhabitant sleeper = Inhabitant.of(group, "exec sleep 1000")) {
            assertThatThrownBy(() -> group.remove(100))
                    .isInstanceOf(CgroupException.class)
                    .hasMessageContaining(Integer.toString(sleeper.pid()));
            assertThat(sleeper.alive()).isTrue();
        }
    }
}
