package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConsoleWatchTest {
    @Test
    void aTextIsSeenWhenItsLastPieceComes() {
        ConsoleWatch watch = new ConsoleWatch(List.of("Linux version", "web1 login: "));
        watch.take("[ 0.0] Linux ver", 1);
        assertThat(watch.seen(0)).isZero();
        watch.take("sion 6.1\r\n", 2);
        watch.take("Linux version again\r\nweb1 log", 3);
        watch.take("in: ", 4);
        assertThat(watch.seen(0)).isEqualTo(2);
        assertThat(watch.seen(1)).isEqualTo(4);
    }

    @Test
    void piecesThatAreFarApartAreNoText() {
        ConsoleWatch watch = new ConsoleWatch(List.of("login: "));
        watch.take("log", 1);
        watch.take("x".repeat(10_000), 2);
        watch.take("in: ", 3);
        assertThat(watch.seen(0)).isZero();
    }

    @Test
    void itsEndIsNotWaitedFor() throws InterruptedException {
        ConsoleWatch watch = new ConsoleWatch(List.of("never", "neither"));
        watch.start(new ByteArrayInputStream("first\r\n\u001b[0;31mKernel panic\u001b[0m\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(watch.await(TimeUnit.SECONDS.toNanos(20))).isTrue();
        assertThat(watch.seen(1)).isZero();
        assertThat(watch.lastLine()).isEqualTo("Kernel panic");
    }

    @Test
    void patienceEnds() throws InterruptedException {
        assertThat(new ConsoleWatch(List.of("never")).await(1)).isFalse();
    }
}
