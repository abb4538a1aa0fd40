package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.api.Network;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.daemon.database.NetworkRecord;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;

/** A deletion of a network that fails or breaks off takes no network from servers that are made on it afterwards. */
class NetworkDeletionTest extends OverTheSocket {
    private static final NetworkRecord LAB = new NetworkRecord("lab", "tflab", "10.9.0.1/24", null, true, "trefoil", "");

    @BeforeEach
    void makeLab() throws IOException {
        client.createNetwork(new Network("lab", "10.9.0.1/24", null, null, null, null, null, null));
    }

    private static ServerConfig onLab(String name) {
        return new ServerConfig(name, World.IMAGE, null, null, "lab", null, null, null, null, null, null, null, null);
    }

    private void anotherDaemon() throws IOException, InterruptedException {
        endDaemon();
        startDaemon();
    }

    @Test
    void failedDeletionLeavesTheNetworkAndNothingToBeDoneLater() throws IOException, InterruptedException {
        world.failure = "down";
        assertThatThrownBy(() -> client.deleteNetwork("lab")).hasMessageContaining("the bridge is busy");
        assertThat(daemon.hosting().journal().unfinished()).isEmpty();
        assertThat(client.network("lab").ipv4()).isEqualTo("10.9.0.1/24");
        world.failure = "";
        launch(onLab("one"));
        assertThat(world.up).contains("tflab");
        anotherDaemon();
        assertThat(client.network("lab").usedBy()).containsExactly("one");
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.RUNNING);
        assertThat(world.up).contains("tflab");
    }

    @Test
    void failedDeletionCanBeRepeated() throws IOException {
        world.failure = "down";
        assertThatThrownBy(() -> client.deleteNetwork("lab")).hasMessageContaining("the bridge is busy");
        world.failure = "";
        client.deleteNetwork("lab");
        assertThat(client.networks()).extracting(Network::name).doesNotContain("lab");
    }

    @Test
    void deletionThatBrokeOffIsNotCarriedOutWhenServersAreOnTheNetwork() throws IOException, InterruptedException {
        breakOff();
        launch(onLab("one"));
        anotherDaemon();
        assertThat(client.network("lab").usedBy()).containsExactly("one");
        assertThat(world.up).contains("tflab");
        assertThat(daemon.hosting().journal().unfinished()).isEmpty();
    }

    @Test
    void deletionThatBrokeOffIsCarriedOutWhenNobodyIsOnTheNetwork() throws IOException, InterruptedException {
        breakOff();
        anotherDaemon();
        assertThat(client.networks()).extracting(Network::name).doesNotContain("lab");
        assertThat(world.up).doesNotContain("tflab");
    }

    /** What a daemon that died, and a next one that could not carry the deed out, leave. */
    private void breakOff() throws IOException {
        UndoJournal.Change change = daemon.hosting().journal().begin("deleting network lab");
        change.intend(new Deed.Unbridge(LAB));
        change.leave();
        assertThat(daemon.hosting().journal().unfinished()).containsExactly("deleting network lab (unbridge)");
    }
}
