package trefoil.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be done with a container that does not run: its files, its disk's size. */
class StoppedTest {
    private static final long MIB = 1L << 20;
    private static final String SIZE = "set -- $(df -k / | tail -n 1); echo $2";

    private EngineFixture host;

    @BeforeEach
    void open() throws IOException {
        host = new EngineFixture();
        for (String name : List.of("df", "tail")) {
            Files.createSymbolicLink(host.layer.resolve("bin").resolve(name), Path.of("busybox"));
        }
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private ContainerSpec spec(String name, Long disk, String script) {
        ContainerSpec plain = host.spec(name);
        return sized(plain, disk, script);
    }

    private static ContainerSpec sized(ContainerSpec plain, Long disk, String script) {
        return new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), List.of("/bin/sh", "-c", script), Map.of(), plain.idBase(),
                ResourceLimits.NONE, disk, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 32})
    void filesGoInAndOut(long mebibytes) throws Exception {
        String script = "cat /root/put; ls -ln /root/put; echo inside > /etc/motd; chmod 600 /etc/motd; rm /bin/seq";
        ContainerSpec spec = spec("off", mebibytes == 0 ? null : (Long) (mebibytes * MIB), script);
        host.engine.create(spec);
        try (ContainerFiles files = host.engine.files(spec)) {
            files.write("/root/put", new ByteArrayInputStream("from outside\n".getBytes(UTF_8)), 1000, 29, 0640);
            assertThat(files.stat("/bin/seq").target() == null).isTrue();
        }
        Container container = host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        assertThat(host.exit("off").status()).as(host.log("off")).isZero();
        assertThat(host.log("off")).contains("from outside").containsPattern("-rw-r-----\\s+1 1000\\s+29\\s");
        assertThat(container.alive()).isFalse();
        try (ContainerFiles files = host.engine.files(spec)) {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            files.read("/etc/motd", read);
            assertThat(read).hasToString("inside\n");
            ContainerFiles.Entry motd = files.stat("/etc/motd");
            assertThat(List.of(motd.uid(), motd.gid(), motd.mode())).containsExactly(0, 0, 0600);
            assertThat(files.list("/bin")).contains("sh").doesNotContain("seq");
            files.remove("/root/put");
        }
        assertThat(host.layer.resolve("bin/seq")).isSymbolicLink();
    }

    @Test
    void filesOfOneThatRunsAreNotMountedASecondTime() throws Exception {
        ContainerSpec spec = spec("twice", null, "sleep 1000");
        host.engine.create(spec);
        host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        assertThatThrownBy(() -> host.engine.files(spec)).isInstanceOf(ContainerException.class).hasMessageContaining("runs");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void diskHasItsNewSizeAtTheLatestAfterTheNextStart(boolean running) throws Exception {
        ContainerSpec small = spec("grows", 32 * MIB, running ? "sleep 1000" : SIZE);
        host.engine.create(small);
        Container container = host.engine.start(small, ContainerEngine.NetworkSetup.NONE);
        if (!running) {
            host.exit("grows");
        }
        RootDisk.Growth growth = host.engine.growDisk(sized(small, 96 * MIB, SIZE));
        if (running) {
            long kibibytes = Long.parseLong(EngineFixture.output(container, "/bin/sh", "-c", SIZE).strip());
            assertThat(kibibytes > 64 * 1024).isEqualTo(growth == RootDisk.Growth.NOW);
            container.kill();
            host.exit("grows");
        } else {
            assertThat(growth).isEqualTo(RootDisk.Growth.NOW);
        }
        host.engine.start(sized(small, 96 * MIB, SIZE), ContainerEngine.NetworkSetup.NONE);
        host.exit("grows");
        assertThat(Long.parseLong(host.log("grows").strip().lines().toList().getLast())).isGreaterThan(80 * 1024);
    }
}
