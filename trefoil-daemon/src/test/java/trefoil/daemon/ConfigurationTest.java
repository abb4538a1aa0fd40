package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.api.ApiException;
import trefoil.daemon.lifecycle.IdRanges;

/** Where the daemon's directory is, what its configuration may say, and which ids it may give away. */
class ConfigurationTest {
    @TempDir
    Path temporary;

    private HostConfiguration read(String text) throws IOException {
        Path file = Files.writeString(temporary.resolve("trefoil.conf"), text);
        return HostConfiguration.read(file);
    }

    @Test
    void noFileMeansDefaults() throws IOException {
        HostConfiguration c = HostConfiguration.read(temporary.resolve("none"));
        assertThat(c).isEqualTo(HostConfiguration.DEFAULT);
        assertThat(c.reserve().cpuOf(2)).isEqualTo(0.25);
        assertThat(c.reserve().cpuOf(100)).isEqualTo(5.0);
        assertThat(c.reserve().memoryOf(4L << 30)).isEqualTo(512L << 20);
        assertThat(c.reserve().memoryOf(100L << 30)).isEqualTo(5L << 30);
    }

    @Test
    void whatIsSetHolds() throws IOException {
        HostConfiguration c = read("# mine\nreserve.memory = 1GiB\nreserve.disk=100 MiB\nids.first = 2000000\nservers.ahead = 0\n");
        assertThat(c.reserve().memoryOf(100L << 30)).isEqualTo(1L << 30);
        assertThat(c.reserve().diskOf(1L << 40)).isEqualTo(100L << 20);
        assertThat(c.firstId()).isEqualTo(2_000_000);
        assertThat(c.ahead()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "reserve.memry=1GiB,unknown key reserve.memry", "reserve.memory=1XB,reserve.memory", "reserve.memory=-1,reserve.memory",
        "reserve.memory=99999999999GiB,reserve.memory", "reserve.cpu=many,reserve.cpu", "reserve.cpu=-1,reserve.cpu",
        "servers.ahead=65,servers.ahead", "servers.ahead=few,servers.ahead", "ids.first=0,ids.first", "ids.first=3000000000,ids.first"
    })
    void nonsenseIsRefusedByItsKey(String line, String words) {
        assertThatThrownBy(() -> read(line)).isInstanceOf(IOException.class).hasMessageContaining("trefoil.conf").hasMessageContaining(words);
    }

    @Test
    void directoryComesFromTheEnvironment() {
        assertThat(StateDirectory.of(Map.of()).socket()).isEqualTo(Path.of("/run/trefoil/unix.socket"));
        assertThat(StateDirectory.of(Map.of()).tag()).isEmpty();
        StateDirectory own = StateDirectory.of(Map.of("TREFOIL_DIR", "/srv/./x/../tf"));
        assertThat(own.socket()).isEqualTo(Path.of("/srv/tf/run/unix.socket"));
        // printf /srv/tf | sha256sum
        assertThat(own.tag()).isEqualTo("1440c1");
    }

    @Test
    void pathTooLongForASocketIsRefused() {
        StateDirectory deep = StateDirectory.at(temporary.resolve("x".repeat(100)));
        assertThatThrownBy(deep::make).hasMessageContaining("107 octets").hasMessageContaining("TREFOIL_DIR");
    }

    @Test
    void rangesKeepClearOfOthers() throws IOException {
        Files.writeString(temporary.resolve("subuid"), "# users\nada:1000000:65536\nbob:1200000:100\nbroken\n");
        Files.writeString(temporary.resolve("subgid"), "ada:1131072:65536\n");
        Files.writeString(temporary.resolve("passwd"), "carol:x:1330000:1330000::/:/bin/sh\n");
        IdRanges ranges = new IdRanges(1_000_000, temporary);
        int first = ranges.choose(Set.of());
        assertThat(first).as("between ada's user and group ids").isEqualTo(1_000_000 + 65_536);
        int second = ranges.choose(Set.of(first));
        assertThat(second).as("after ada's group ids and bob's").isEqualTo(1_000_000 + 65_536 * 4);
        assertThat(ranges.choose(Set.of(first, second))).as("after carol").isEqualTo(1_000_000 + 65_536 * 6);
    }

    @Test
    void rangesRunOutWithWords() throws IOException {
        IdRanges ranges = new IdRanges(Integer.MAX_VALUE - 65_536, temporary);
        int only = ranges.choose(Set.of());
        assertThatThrownBy(() -> ranges.choose(Set.of(only)))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().next()).contains("ids.first"));
    }
}
