package trefoil.linux.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.ErrnoException;
import trefoil.linux.file.Contents;
import trefoil.linux.process.Pidfd;

@Timeout(20)
class PollTest {
    private static final byte[] TEXT = "x".getBytes(StandardCharsets.US_ASCII);

    @Test
    void tellsWhichOneCanBeReadAndWhichHasEnded() throws ErrnoException {
        try (Pidfd.Pipe quiet = Pidfd.pipe();
                Pidfd.Pipe busy = Pidfd.pipe();
                Poll poll = new Poll(3)) {
            poll.watch(0, quiet.reader());
            poll.watch(2, busy.reader());
            assertThat(poll.await(0)).isFalse();
            assertThat(poll.ready(0) || poll.ready(1) || poll.ready(2)).isFalse();
            Contents.write(busy.writer(), TEXT, 0, 1);
            assertThat(poll.await(10_000)).isTrue();
            assertThat(poll.ready(0)).isFalse();
            assertThat(poll.ready(1)).isFalse();
            assertThat(poll.ready(2)).isTrue();
            quiet.writer().close();
            poll.forget(2);
            assertThat(poll.await(10_000)).isTrue();
            assertThat(poll.ready(0)).isTrue();
            assertThat(poll.ready(2)).isFalse();
        }
    }

    @Test
    void waitsNoLongerThanItIsTold() throws ErrnoException {
        try (Pidfd.Pipe quiet = Pidfd.pipe();
                Poll poll = new Poll(1)) {
            poll.watch(0, quiet.reader());
            long begun = System.nanoTime();
            assertThat(poll.await(30)).isFalse();
            assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(29_000_000L);
        }
    }
}
