package trefoil.linux.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChildTimeTest {
    @Test
    void whatAChildComputedIsCountedOnceItHasEnded() throws Exception {
        long before = ChildTime.nanos();
        Process process = new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").start();
        process.waitFor();
        assertThat(ChildTime.nanos() - before).isBetween(TimeUnit.MILLISECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(30));
    }
}
