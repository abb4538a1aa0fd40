package trefoil.vmm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AgentTest {
    private final Agent agent = new Agent();

    @AfterEach
    void close() {
        agent.close();
    }

    @Test
    void nothingIsRunBeforeTheGuestHasSaidHello() throws Exception {
        assertThat(agent.run("true")).isNull();
        assertThat(agent.init()).isNull();
        agent.heard("hello 1 /usr/lib/systemd/systemd");
        assertThat(agent.init()).isEqualTo("/usr/lib/systemd/systemd");
        assertThat(agent.run("true")).isNotNull();
    }

    @Test
    void whetherAHangingGuestBeginsACommandIsKnownInTime() throws Exception {
        agent.heard("hello 1 /bin/init");
        GuestCommand command = agent.run("true");
        assertThat(command.begins(0)).isFalse();
        agent.heard("begin 0 4711");
        assertThat(command.begins(20)).isTrue();
        agent.heard("end 0 3");
        assertThat(command.await()).isEqualTo(3);
        assertThat(command.begins(0)).isTrue();
    }

    @Test
    void oneThatEndsWithoutHavingBegunHasNotHung() throws Exception {
        agent.heard("hello 1 /bin/init");
        GuestCommand command = agent.run("true");
        agent.heard("end 0 1");
        assertThat(command.begins(20)).isTrue();
        assertThat(command.await()).isEqualTo(1);
    }

    @Test
    void whatAGuestSaysThatMakesNoSenseChangesNothing() throws Exception {
        agent.heard("hello 1 /bin/init");
        GuestCommand command = agent.run("true");
        for (String line : List.of("", "begin", "begin 0", "begin 0 x", "begin -1 5", "end 7 0", "end 0 99999999999", "run 0 rm", "hello", "begin 0 5 6")) {
            agent.heard(line);
        }
        assertThat(command.begins(0)).isFalse();
    }

    @Test
    void aMachinesEndEndsItsCommands() throws Exception {
        agent.heard("hello 1 /bin/init");
        List<GuestCommand> running = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            running.add(agent.run("sleep 100"));
        }
        agent.close();
        for (GuestCommand command : running) {
            assertThat(command.await()).isEqualTo(-1);
        }
    }
}
