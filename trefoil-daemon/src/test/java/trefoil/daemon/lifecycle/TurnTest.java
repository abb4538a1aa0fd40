package trefoil.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import trefoil.api.ApiException;
import trefoil.container.Exit;

/** Turns, restarts and the gates of a run. */
class TurnTest {
    @Test
    void secondIsToldWhoIsAtWork() throws InterruptedException {
        Turn turn = new Turn();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Thread first = Thread.ofVirtual().start(() -> {
            try (Turn.Hold _ = turn.take("stop (/1.0/operations/7)")) {
                held.countDown();
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        held.await();
        assertThatThrownBy(() -> turn.take("one", "start", 1))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().message())
                        .isEqualTo("server one is busy: stop (/1.0/operations/7) is at work on it"));
        release.countDown();
        first.join();
        try (Turn.Hold _ = turn.take("one", "start", 1000)) {
            assertThat(turn.holder()).isEqualTo("start");
        }
        assertThat(turn.holder()).isEmpty();
    }

    @Test
    void pausesDoubleUntilItIsGivenUp() {
        Restarts restarts = new Restarts();
        List<Long> pauses = new ArrayList<>();
        for (Duration pause = restarts.after(10); pause != null; pause = restarts.after(10)) {
            pauses.add(pause.toSeconds());
        }
        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L);
        assertThat(restarts.after(60_000)).as("a long life forgives").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void gatesOpenAndTheEndOpensThemAll() throws InterruptedException {
        Run run = new Run();
        assertThat(run.awaitAddress(1)).isFalse();
        run.addresses(List.of("10.0.0.2"));
        assertThat(run.awaitAddress(1)).isTrue();
        assertThat(run.awaitUsable(1)).isFalse();
        Thread.ofVirtual().start(() -> run.end(new Exit(0, 0)));
        assertThat(run.awaitUsable(10_000)).isFalse();
        assertThat(run.awaitEnd(0)).isTrue();
        assertThat(run.usable()).isFalse();
    }
}
