package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Process 1 as an OCI image wants it: as whom, and where. */
class ImageProcessTest {
    private static final String WHO = "id -u; id -g; id -G; pwd; echo $HOME; echo said > /dev/stdout";

    private EngineFixture host;

    @BeforeEach
    void open() throws IOException {
        host = new EngineFixture();
        Files.createDirectories(host.layer.resolve("srv/app"));
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private ContainerSpec spec(String name, String user, String directory, String script) throws ContainerException {
        ContainerSpec plain = host.spec(name);
        ContainerSpec spec = new ContainerSpec(
                name, plain.directory(), plain.layers(), List.of("/bin/sh", "-c", script), Map.of(), user, directory,
                plain.idBase(), ResourceLimits.NONE, null, false);
        host.engine.create(spec);
        return spec;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|0|0|0|/root",
        "alice|1000|1000|1000 29|/home/alice",
        "1000|1000|1000|1000 29|/home/alice",
        "alice:audio|1000|29|29|/home/alice",
        "4711:29|4711|29|29|/",
        "4711|4711|0|0|/"
    })
    void runsAsItsUserInItsDirectory(String user, String uid, String gid, String groups, String home) throws Exception {
        ContainerSpec spec = spec("who", user, "/srv/app", WHO);
        host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        assertThat(host.exit("who")).as(host.log("who")).isEqualTo(new Exit(0, 0));
        assertThat(host.log("who").lines()).containsExactly(uid, gid, groups, "/srv/app", home, "said");
    }

    @Test
    void usersThatTheServerMadeItselfCount() throws Exception {
        ContainerSpec spec = spec("made", "", "", "echo carol:x:77:78::/home:/bin/sh >> /etc/passwd");
        host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        host.exit("made");
        ContainerSpec carol = new ContainerSpec(
                "made", spec.directory(), spec.layers(), List.of("/bin/id"), Map.of(), "carol", "", spec.idBase(), ResourceLimits.NONE, null, false);
        host.engine.start(carol, ContainerEngine.NetworkSetup.NONE);
        assertThat(host.exit("made").status()).isZero();
        assertThat(host.log("made")).contains("uid=77(carol) gid=78");
    }

    @Test
    void passwdThatLeadsOutTellsNothing() throws Exception {
        Path outside = Files.writeString(host.state.resolve("outside"), "mallory:x:666:666::/:/bin/sh\n");
        Files.delete(host.layer.resolve("etc/passwd"));
        Files.createSymbolicLink(host.layer.resolve("etc/passwd"), Path.of("../../../../../../../..", outside.toString()));
        ContainerSpec spec = spec("out", "mallory", "", "id");
        assertThatThrownBy(() -> host.engine.start(spec, ContainerEngine.NetworkSetup.NONE))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("no user mallory");
    }

    @Test
    void directoryThatIsNotThereFailsTheStartByName() throws Exception {
        ContainerSpec spec = spec("nowhere", "alice", "/srv/none", "id");
        assertThatThrownBy(() -> host.engine.start(spec, ContainerEngine.NetworkSetup.NONE))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("/srv/none");
    }
}
