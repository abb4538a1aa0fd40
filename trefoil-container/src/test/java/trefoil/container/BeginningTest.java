package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.linux.cgroup.CgroupTree;
import trefoil.linux.process.Pidfd;

/** Containers that were begun before they were asked for. Needs root. */
class BeginningTest {
    private static final int ID_BASE = 0x5100_0000;

    private EngineFixture host;

    @BeforeEach
    void open() throws IOException {
        host = new EngineFixture();
    }

    @AfterEach
    void close() throws Exception {
        host.close();
    }

    private ContainerSpec spec(String name, ResourceLimits limits, String... command) {
        ContainerSpec spec = new ContainerSpec(
                name, host.state.resolve("c").resolve(name), List.of(host.layer), List.of(command), Map.of(), ID_BASE, limits, null, false);
        host.track(spec);
        return spec;
    }

    private Beginning begin(String label, ContainerEngine.NetworkSetup network) throws ContainerException {
        return host.engine.begin(spec(label, ResourceLimits.NONE), network);
    }

    private Beginning begin(String label) throws ContainerException {
        return begin(label, ContainerEngine.NetworkSetup.NONE);
    }

    private Path directory(String name) {
        return host.state.resolve("c").resolve(name);
    }

    private List<String> groups() throws IOException {
        try (CgroupTree tree = CgroupTree.open(host.tag)) {
            return List.copyOf(tree.names());
        }
    }

    @Test
    void itBecomesAContainerLikeAnyOther() throws Exception {
        Beginning beginning = begin("0spare1");
        assertThat(beginning.waits()).isTrue();
        ResourceLimits limits = new ResourceLimits(null, null, null, 64L << 20, null, 77L, null, null);
        Container container = host.engine.start(
                spec("begun", limits, "sh", "-c", "echo hello from $(hostname); read x; exit 4"), beginning, () -> {});
        assertThat(beginning.waits()).isFalse();
        assertThat(EngineFixture.output(container, "hostname")).isEqualTo("begun\n");
        assertThat(EngineFixture.output(container, "cat", "/proc/meminfo")).contains("MemTotal:          65536 kB");
        assertThat(EngineFixture.output(container, "cat", "/sys/devices/system/cpu/online")).startsWith("0");
        assertThat(EngineFixture.output(container, "cat", "/etc/hostname")).isEqualTo("begun\n");
        assertThat(EngineFixture.output(container, "cat", "/etc/hosts")).contains("127.0.1.1\tbegun\n").doesNotContain("spare");
        assertThat(EngineFixture.output(container, "cat", "/etc/machine-id")).hasSize(33);
        assertThat(container.statistics().processes()).isEqualTo(1);
        container.console().write("\n".getBytes());
        assertThat(host.exit("begun")).isEqualTo(new Exit(4, 0));
        assertThat(host.log("begun")).contains("hello from begun");
        assertThat(directory("0spare1")).doesNotExist();
        host.engine.clean(container.spec());
        assertThat(groups()).isEmpty();
        assertThat(host.state.resolve("run/procview")).isEmptyDirectory();
    }

    @Test
    void whatNobodyAsksForLeavesNothing() throws Exception {
        AtomicInteger networks = new AtomicInteger();
        Beginning beginning = begin("0spare2", namespace -> networks.incrementAndGet());
        assertThat(networks).hasValue(1);
        assertThat(groups()).containsExactly("0spare2");
        assertThat(directory("0spare2")).isDirectory();
        beginning.close();
        assertThat(directory("0spare2")).doesNotExist();
        beginning.close();
        assertThat(beginning.waits()).isFalse();
        assertThat(groups()).isEmpty();
        assertThat(host.state.resolve("run/procview")).isEmptyDirectory();
        assertThat(children()).isEmpty();
    }

    @Test
    void aNetworkThatCannotBeMadeLeavesNothing() throws Exception {
        assertThatThrownBy(() -> begin("0spare3", namespace -> {
                    throw new IOException("no network today");
                }))
                .hasMessageContaining("no network today");
        assertThat(directory("0spare3")).doesNotExist();
        assertThat(groups()).isEmpty();
        assertThat(children()).isEmpty();
    }

    @Test
    void aProgramThatIsNotThereIsToldAndNothingIsLeft() throws Exception {
        Beginning beginning = begin("0spare4");
        ContainerSpec spec = spec("wrong", ResourceLimits.NONE, "/no/such/program");
        assertThatThrownBy(() -> host.engine.start(spec, beginning, () -> {}))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("cannot start wrong")
                .hasMessageContaining("/no/such/program");
        assertThat(groups()).isEmpty();
        assertThat(children()).isEmpty();
        assertThat(host.state.resolve("run/procview")).isEmptyDirectory();
    }

    @Test
    void whatIsDoneMeanwhileMayFailTheStart() throws Exception {
        Beginning beginning = begin("0spare8");
        ContainerSpec spec = spec("late", ResourceLimits.NONE, "sleep", "1000");
        assertThatThrownBy(() -> host.engine.start(spec, beginning, () -> {
                    throw new IOException("no name today");
                }))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("no name today");
        assertThat(groups()).isEmpty();
        assertThat(children()).isEmpty();
    }

    @Test
    void oneWhoseProcessWasKilledIsKnownAsSuch() throws Exception {
        try (Beginning beginning = begin("0spare5")) {
            int child = children().getFirst();
            try (var pidfd = Pidfd.open(child)) {
                Pidfd.signal(pidfd, 9);
                while (!Pidfd.ended(pidfd)) {
                    Thread.onSpinWait();
                }
            }
            assertThat(beginning.waits()).isFalse();
        }
        assertThat(groups()).isEmpty();
    }

    @Test
    void theNextEngineKnowsItsGroupAndFiles() throws Exception {
        Container before = host.engine.start(spec("taken", ResourceLimits.NONE, "sleep", "1000"), begin("0spare6"), () -> {});
        host.letGo();
        host.reopen();
        Container after = host.engine.adopt(before.spec()).orElseThrow();
        assertThat(after.pid()).isEqualTo(before.pid());
        assertThat(after.statistics().processes()).isEqualTo(1);
        assertThat(EngineFixture.output(after, "cat", "/proc/meminfo")).contains("MemTotal:");
        host.engine.clean(after.spec());
        assertThat(groups()).isEmpty();
        assertThat(host.state.resolve("run/procview")).isEmptyDirectory();
    }

    @Test
    void whenTheEngineIsLeftItsProcessEnds() throws Exception {
        begin("0spare7");
        assertThat(children()).hasSize(1);
        host.letGo();
        host.reopen();
        assertThat(groups()).isEmpty();
    }

    private List<Integer> children() throws IOException {
        Path keeper = Path.of("/proc", Files.readString(host.state.resolve("run/keeper.pid")).strip());
        String text = Files.readString(keeper.resolve("task").resolve(keeper.getFileName()).resolve("children")).strip();
        return text.isEmpty() ? List.of() : Stream.of(text.split(" ")).map(Integer::valueOf).toList();
    }
}
