package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A start that fails says why and leaves no process, mount, control group or record; needs root. */
class FailedStartTest {
    private EngineFixture host;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        Assumptions.assumeTrue(Busybox.present(), "needs /bin/busybox (package busybox-static)");
        host = new EngineFixture();
    }

    @AfterEach
    void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private void nothingIsLeft() throws IOException {
        String keeper = Files.readString(host.state.resolve("run/keeper.pid")).strip();
        assertThat(Files.readString(Path.of("/proc/" + keeper + "/task/" + keeper + "/children"))).isBlank();
        try (Stream<Path> kept = Files.list(Path.of("/proc/" + keeper + "/fd"))) {
            assertThat(kept.map(path -> Integer.parseInt(path.getFileName().toString()))).allMatch(fd -> fd < 9);
        }
        try (Stream<Path> records = Files.list(host.state.resolve("run/containers"))) {
            assertThat(records).isEmpty();
        }
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            assertThat(hierarchies.map(path -> path.resolve("trefoil-" + host.tag + "/failing"))).noneMatch(Files::exists);
        }
        assertThat(Files.readAllLines(Path.of("/proc/self/mounts")))
                .filteredOn(line -> line.contains(host.state.toString()))
                .allMatch(line -> line.contains("/run/procview"));
    }

    private void fails(ContainerSpec spec, ContainerEngine.NetworkSetup network, String... words) throws IOException {
        assertThatThrownBy(() -> host.engine.start(spec, network))
                .isInstanceOf(ContainerException.class)
                .hasMessageContainingAll(words);
        nothingIsLeft();
    }

    @Test
    void noSuchProgram() throws Exception {
        fails(host.created("failing", "/no/such/init"), ContainerEngine.NetworkSetup.NONE, "/no/such/init", "failing");
    }

    @Test
    void aProgramThatIsNone() throws Exception {
        fails(host.created("failing", "/etc/passwd"), ContainerEngine.NetworkSetup.NONE, "/etc/passwd", "EACCES");
    }

    @Test
    void anImageWhoseProcIsAFile() throws Exception {
        Files.delete(host.layer.resolve("proc"));
        Files.writeString(host.layer.resolve("proc"), "a trap");
        fails(host.created("failing", "/bin/true"), ContainerEngine.NetworkSetup.NONE, "attach /proc", "EINVAL");
    }

    @Test
    void anImageWhoseDevIsALinkOutOfIt() throws Exception {
        Files.delete(host.layer.resolve("dev"));
        Files.createSymbolicLink(host.layer.resolve("dev"), Path.of("../../../../../tmp"));
        assertThatThrownBy(() -> host.engine.start(host.created("failing", "/bin/true"), ContainerEngine.NetworkSetup.NONE))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("/dev");
        nothingIsLeft();
    }

    @Test
    void anImageThatIsGone() throws Exception {
        ContainerSpec spec = host.created("failing", "/bin/true");
        Busybox.delete(host.layer);
        fails(spec, ContainerEngine.NetworkSetup.NONE, "layer", "ENOENT");
    }

    @Test
    void aNetworkThatCannotBeSetUp() throws Exception {
        ContainerEngine.NetworkSetup broken = namespace -> {
            throw new IOException("no bridge");
        };
        fails(host.created("failing", "/bin/true"), broken, "no bridge");
    }

    @Test
    void aNetworkWithAMistake() throws Exception {
        ContainerSpec spec = host.created("failing", "/bin/true");
        ContainerEngine.NetworkSetup broken = namespace -> {
            throw new IllegalStateException("a mistake");
        };
        assertThatThrownBy(() -> host.engine.start(spec, broken)).hasMessage("a mistake");
        nothingIsLeft();
    }

    @Test
    void aMemoryCapThatIsTooSmallToStart() throws Exception {
        ContainerSpec plain = host.spec("failing", "/bin/true");
        ResourceLimits limits = new ResourceLimits(null, null, null, 4096L, null, null, null, null);
        ContainerSpec spec = new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), plain.command(), plain.environment(), plain.idBase(), limits, null, false);
        host.engine.create(spec);
        assertThatThrownBy(() -> host.engine.start(spec, ContainerEngine.NetworkSetup.NONE)).isInstanceOf(ContainerException.class);
        nothingIsLeft();
    }

    @Test
    void canBeStartedAfterTheCauseIsMended() throws Exception {
        ContainerSpec spec = host.created("failing", "/tmp/later");
        fails(spec, ContainerEngine.NetworkSetup.NONE, "/tmp/later");
        Files.createSymbolicLink(spec.directory().resolve("upper").resolve("later"), Path.of("x"));
        Files.createSymbolicLink(host.layer.resolve("tmp/later"), Path.of("/bin/true"));
        ContainerSpec again = new ContainerSpec(
                "failing", spec.directory(), spec.layers(), List.of("/bin/true"), spec.environment(), spec.idBase(), spec.limits(), null, false);
        host.engine.start(again, ContainerEngine.NetworkSetup.NONE);
        assertThat(host.exit("failing")).isEqualTo(new Exit(0, 0));
    }
}
