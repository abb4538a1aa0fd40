package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The last test: ends the Trefoil of this run and looks for processes, mounts, loop devices, cgroups, links and tables of it. */
@Order(Integer.MAX_VALUE)
class NothingIsLeftTest {
    @Test
    void nothingIsLeftOnTheMachine() {
        Host host = Host.shared();
        try {
            assertThat(host.end()).as("left behind by %s", host.directory()).isEmpty();
        } finally {
            host.abandon();
        }
        assertThat(host.directory()).doesNotExist();
    }
}
