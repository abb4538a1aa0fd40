package trefoil.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import trefoil.machine.fake.ManualClock;

class ClockTest {
    private static final long MILLISECOND = 1_000_000;

    private final LinkedBlockingQueue<Throwable> broken = new LinkedBlockingQueue<>();

    private SystemClock started() {
        return new SystemClock((thread, e) -> broken.add(e));
    }

    @Test
    void timersFireInOrderNotEarlyAndOnce() throws Exception {
        try (SystemClock clock = started()) {
            LinkedBlockingQueue<String> fired = new LinkedBlockingQueue<>();
            long start = clock.nanos();
            Clock.Timer late = clock.timer(() -> fired.add(clock.nanos() - start >= 20 * MILLISECOND ? "late" : "early"));
            Clock.Timer cancelled = clock.timer(() -> fired.add("cancelled"));
            late.at(start + 50 * MILLISECOND);
            cancelled.at(start + 10 * MILLISECOND);
            clock.timer(() -> fired.add("first")).at(start - 5);
            late.at(start + 20 * MILLISECOND);
            cancelled.cancel();
            assertThat(fired.poll(10, TimeUnit.SECONDS)).isEqualTo("first");
            assertThat(fired.poll(10, TimeUnit.SECONDS)).isEqualTo("late");
            CountDownLatch barrier = new CountDownLatch(1);
            clock.timer(barrier::countDown).at(start + 60 * MILLISECOND);
            assertThat(barrier.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(fired).isEmpty();
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void pausedClockStandsStillAndGoesOn() throws Exception {
        try (SystemClock clock = started()) {
            CountDownLatch fired = new CountDownLatch(1);
            clock.pause();
            long stopped = clock.nanos();
            clock.timer(fired::countDown).at(stopped + 1);
            assertThat(fired.await(20, TimeUnit.MILLISECONDS)).isFalse();
            assertThat(clock.nanos()).isEqualTo(stopped);
            clock.resume();
            assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
            clock.pause();
            clock.resume(1_000_000_000_000L);
            assertThat(clock.nanos()).isBetween(1_000_000_000_000L, 1_060_000_000_000L);
        }
    }

    @Test
    void actionThatFailsIsReported() throws Exception {
        try (SystemClock clock = started()) {
            clock.timer(() -> {
                throw new IllegalStateException("bug");
            }).at(0);
            assertThat(broken.poll(10, TimeUnit.SECONDS)).hasMessage("bug");
        }
    }

    @Test
    void manualClockFiresEachTimerAtItsTime() {
        ManualClock clock = new ManualClock(1_000);
        List<String> fired = new ArrayList<>();
        Clock.Timer[] periodic = new Clock.Timer[1];
        periodic[0] = clock.timer(() -> {
            fired.add("p" + clock.nanos());
            periodic[0].at(clock.nanos() + 30);
        });
        periodic[0].at(30);
        Clock.Timer once = clock.timer(() -> fired.add("o" + clock.nanos()));
        once.at(70);
        once.at(65);
        Clock.Timer never = clock.timer(() -> fired.add("never"));
        never.at(50);
        never.cancel();
        clock.advance(95);
        assertThat(fired).containsExactly("p30", "p60", "o65", "p90");
        assertThat(clock.nanos()).isEqualTo(95);
        assertThat(clock.nextDeadline()).contains(120L);
        assertThat(clock.epochNanos()).isEqualTo(1_095);
        once.at(10);
        clock.advance(0);
        assertThat(fired).endsWith("o95");
    }
}
