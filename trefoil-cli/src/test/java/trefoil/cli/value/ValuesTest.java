package trefoil.cli.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.Limits;
import trefoil.api.PortForward;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0", "4096, 4096", "512B, 512", "1k, 1024", "1KiB, 1024", "1kB, 1000", "512MiB, 536870912", "512 MiB, 536870912", "512mib, 536870912",
        "1.5G, 1610612736", "1.5GiB, 1610612736", "2GB, 2000000000", "1T, 1099511627776", "7P, 7881299347898368", "0.5, 0"
    })
    void sizes(String text, long bytes) {
        assertThat(Size.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "MiB", "-1", "+1", "1.2.3", ".", "1X", "1MiBs", "1e9", "9999P", "0x10", "1,5G", "1 2", "٣"})
    void noSizes(String text) {
        assertThatThrownBy(() -> Size.parse(text)).isInstanceOf(UsageException.class).hasMessageContaining("\"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource({"10MiB/s, 10485760", "10MiB, 10485760", "1MBps, 1000000"})
    void diskRates(String text, long bytes) {
        assertThat(Size.parseRate(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"100Mbit, 100000000", "100mbit/s, 100000000", "1Gbit, 1000000000", "10Mbps, 10000000", "10Mb, 10000000", "56kbit, 56000",
        "10MiB/s, 83886080", "1MB/s, 8000000", "1000, 1000", "800bit, 800"})
    void networkRates(String text, long bits) {
        assertThat(Rate.parse(text)).isEqualTo(bits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"100M", "fast", "1Xbit", "-1Mbit", "1Mibit"})
    void noNetworkRates(String text) {
        assertThatThrownBy(() -> Rate.parse(text)).isInstanceOf(UsageException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1 KiB", "1536, 1.5 KiB", "536870912, 512 MiB", "1073741823, 1 GiB", "1099511627776, 1 TiB", "-1024, -1 KiB"})
    void sizesForPeople(long bytes, String text) {
        assertThat(Size.show(bytes)).isEqualTo(text);
    }

    @Test
    void bitsForPeople() {
        assertThat(Size.showBits(100_000_000)).isEqualTo("100 Mbit/s");
        assertThat(Size.showBits(999)).isEqualTo("999 bit/s");
    }

    @Test
    void ports() {
        assertThat(Ports.parse("8080:80")).isEqualTo(new PortForward("tcp", null, 8080, 80));
        assertThat(Ports.parse("53:53/UDP")).isEqualTo(new PortForward("udp", null, 53, 53));
        assertThat(Ports.parse("80")).isEqualTo(new PortForward("tcp", null, 80, 80));
        assertThat(Ports.parse("127.0.0.1:8080:80/tcp")).isEqualTo(new PortForward("tcp", "127.0.0.1", 8080, 80));
        assertThat(Ports.parse("[fd00::1]:8080:80")).isEqualTo(new PortForward("tcp", "fd00::1", 8080, 80));
        assertThat(Ports.show(Ports.parse("[fd00::1]:8080:80/udp"))).isEqualTo("[fd00::1]:8080:80/udp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "0:80", "80:0", "65536:1", "80:", ":80", "a:b", "1:2:3:4", "80:80/sctp", "::1:80:80", "[]:1:2", "host:1:2", "99999999999:1"})
    void noPorts(String text) {
        assertThatThrownBy(() -> Ports.parse(text)).isInstanceOf(UsageException.class);
    }

    @Test
    void limits() {
        LimitSettings settings = new LimitSettings();
        settings.set("memory", "1GiB");
        settings.set("cpus", "1.5");
        settings.set("swap", "0");
        settings.set("net-in", "100Mbit");
        settings.set("pids", "none");
        settings.set("cpu-weight", "200");
        assertThat(settings.change()).isEqualTo(new Limits(200, 1.5, null, 1L << 30, 0L, -1L, null, null, null, 100_000_000L, null));
        Limits before = new Limits(null, null, null, 5L, null, 100L, 7L, null, null, null, null);
        assertThat(before.with(settings.change())).isEqualTo(new Limits(200, 1.5, null, 1L << 30, 0L, null, 7L, null, null, 100_000_000L, null));
    }

    @ParameterizedTest
    @CsvSource({"memory, 0", "cpus, 0", "cpus, 1.5G", "cpus, many", "cpu-weight, 0", "cpu-weight, 10001", "cpu-weight, 1.5", "pids, 0", "pids, 1k", "disk, x", "net-out, 5M", "colour, 1"})
    void noLimits(String key, String text) {
        LimitSettings settings = new LimitSettings();
        assertThatThrownBy(() -> settings.set(key, text)).isInstanceOf(UsageException.class).hasMessageContaining(key);
    }

    @Test
    void placesInServers() {
        assertThat(RemotePath.parse("web1:/etc/hosts")).isEqualTo(new RemotePath("web1", "/etc/hosts", false));
        assertThat(RemotePath.parse("web1/etc/hosts")).isEqualTo(new RemotePath("web1", "/etc/hosts", false));
        assertThat(RemotePath.parse("web1:")).isEqualTo(new RemotePath("web1", "/", true));
        assertThat(RemotePath.parse("web1:srv/")).isEqualTo(new RemotePath("web1", "/srv", true));
        assertThat(RemotePath.parse("web1/a:b")).isEqualTo(new RemotePath("web1", "/a:b", false));
        assertThat(RemotePath.parse("web1:/a/./b//../../../c").path()).isEqualTo("/c");
        assertThat(RemotePath.parse("web1:/").child("x").path()).isEqualTo("/x");
        for (String wrong : List.of("", "web1", "/etc/hosts", ":/etc", "./a")) {
            if (!wrong.equals("./a")) {
                assertThatThrownBy(() -> RemotePath.parse(wrong)).isInstanceOf(UsageException.class);
            }
        }
    }

    @Test
    void nearestWord() {
        List<String> words = List.of("list", "launch", "start", "stop", "restart");
        assertThat(Nearest.to("lsit", words)).isEqualTo("list");
        assertThat(Nearest.to("luanch", words)).isEqualTo("launch");
        assertThat(Nearest.to("rest", words)).isEqualTo("restart");
        assertThat(Nearest.to("xyzzy", words)).isNull();
        assertThat(Nearest.distance("ca", "abc")).isEqualTo(3);
        assertThat(Nearest.distance("ab", "ba")).isEqualTo(1);
    }

    @Test
    void environment() {
        Map<String, String> variables = new TreeMap<>();
        Map<String, String> own = Map.of("LANG", "C.UTF-8");
        Environment.put(variables, "A=b=c", own);
        Environment.put(variables, "LANG", own);
        Environment.put(variables, "MISSING", own);
        assertThat(variables).isEqualTo(Map.of("A", "b=c", "LANG", "C.UTF-8"));
        assertThatThrownBy(() -> Environment.put(variables, "=x", own)).isInstanceOf(UsageException.class);
    }
}
