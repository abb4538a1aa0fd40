package trefoil.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What systemd's list of jobs says to a person. */
class ReadinessTest {
    @Test
    void runningJobsAreNamed() {
        assertThat(Readiness.unfinished("""
                  1 multi-user.target                      start waiting
                 87 systemd-networkd-wait-online.service   start running
                  3 ssh.service start waiting
                """)).isEqualTo(", not done yet: systemd-networkd-wait-online.service");
    }

    @Test
    void manyJobsAreCounted() {
        String jobs = "1 a.service start running\n".repeat(7);
        assertThat(Readiness.unfinished(jobs)).endsWith("a.service, a.service and 2 more");
    }

    @Test
    void nothingIsSaidWhereNoJobRuns() {
        assertThat(Readiness.unfinished("")).isEmpty();
        assertThat(Readiness.unfinished("No jobs running.\nFailed to connect to bus: x y")).isEmpty();
    }
}
