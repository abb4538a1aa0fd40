package trefoil.system;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The last test: ends the Trefoil of this run and looks for processes, mounts, loop devices, cgroups, links and tables of it. */
@Order(Integer.MAX_VALUE)
class NothingIsLeftTest {
    @Test
    void nothingIsLeftOnTheMachine() {
        Host.shared().close();
    }
}
