package trefoil.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import trefoil.api.Progress;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.api.ServerStatus;
import trefoil.api.Usage;

class DemoTest {
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(screen, true, StandardCharsets.UTF_8);

    @Test
    void namesOfTheUsersServersAreLeftAlone() {
        Exhibit exhibit = new Exhibit("web1", "debian:12", trefoil.api.ServerKind.OS, 1 << 20);
        List<Server> servers = List.of(server("web1", "debian:12", "mine"), server("demo1-web1", "busybox", null));
        assertThat(exhibit.among(servers)).isEmpty();
        assertThat(exhibit.config(servers).name()).isEqualTo("demo2-web1");
        assertThat(exhibit.config(List.of()).name()).isEqualTo("web1");
        assertThat(exhibit.config(List.of()).description()).isEqualTo(Exhibit.DESCRIPTION);
    }

    @Test
    void theServerOfAnEarlierRunIsFoundUnderWhateverName() {
        Exhibit exhibit = new Exhibit("web1", "debian:12", trefoil.api.ServerKind.OS, 1 << 20);
        Server earlier = server("demo1-web1", "debian:12", Exhibit.DESCRIPTION);
        assertThat(exhibit.among(List.of(server("web1", "debian:12", "mine"), earlier))).contains(earlier);
    }

    @Test
    void theTableShowsServersAndWhatTheyCost() {
        Summary summary = new Summary("./trefoil");
        summary.add(server("web1", "debian:12", Exhibit.DESCRIPTION), usage(30 << 20, 1_500_000_000L, 9 << 10, 2_300_000));
        summary.print(out);
        assertThat(text()).contains("web1", "os", "10.77.0.2", "3.2 s", "30.0 MiB", "1500.0 ms", "9.0 KiB", "2.3 ms", "./trefoil console web1");
        assertThat(text().lines().filter(line -> line.endsWith(" "))).isEmpty();
    }

    @Test
    void withoutATerminalEachPhaseIsOneLine() {
        Board board = new Board(out, false);
        board.show("web1", new Progress("unpacking", 1, 10, "packages"));
        board.show("web1", new Progress("unpacking", 2, 10, "packages"));
        board.show("web1", new Progress("starting", 0, 0, ""));
        board.done("web1", "usable");
        assertThat(text().lines()).containsExactly("web1: unpacking", "web1: starting", "web1: usable");
    }

    @Test
    void onATerminalLinesAreDrawnInPlace() {
        Board board = new Board(out, true);
        board.show("web1", new Progress("unpacking", 5, 10, "packages"));
        board.show("tiny1", new Progress("downloading", 512 << 10, 1 << 20, "bytes"));
        board.show("web1", new Progress("unpacking", 10, 10, "packages"));
        assertThat(text()).contains("[############            ] 5 packages of 10 packages", "512.0 KiB of 1.0 MiB", "\u001b[2A");
    }

    @Test
    void wrongUsageIsRefused() {
        assertThat(Main.run(List.of("--sotp"), out, out)).isEqualTo(2);
        assertThat(Main.run(List.of("--purge"), out, out)).isEqualTo(2);
        assertThat(Main.run(List.of("--help"), out, out)).isZero();
        assertThat(text()).contains("--sotp", "usage: trefoil demo");
    }

    private String text() {
        return screen.toString(StandardCharsets.UTF_8);
    }

    private static Server server(String name, String image, String description) {
        ServerConfig config = new ServerConfig(name, image, ServerKind.OS, null, null, null, null, null, null, null, null, null, description);
        return new Server(name, ServerKind.OS, ServerStatus.RUNNING, true, null, image, "f00", "Debian GNU/Linux 12 (bookworm)",
                List.of("10.77.0.2"), 1234, 0, 0L, 3_210L, null, null, config, List.of());
    }

    private static Usage usage(long memory, long cpu, long overheadMemory, long overheadCpu) {
        return new Usage("web1", 0, cpu, memory, memory, null, 0, 1, 0, 0, 0, 0, 0, 0, null, overheadMemory, overheadCpu, null);
    }
}
