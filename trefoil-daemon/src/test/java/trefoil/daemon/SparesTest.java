package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.api.ApiException;
import trefoil.api.Limits;
import trefoil.api.Network;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.daemon.lifecycle.Servers;
import trefoil.image.StoredImage;

/** Servers that are begun before they are asked for. */
class SparesTest {
    private static final int AHEAD = 2;

    @TempDir
    Path temporary;

    private final World world = new World();
    private Daemon daemon;
    private Servers servers;

    @BeforeEach
    void begin() throws IOException, InterruptedException {
        daemon = Daemon.start(StateDirectory.at(temporary.resolve("state")), World.ahead(AHEAD), world.parts(step -> {}));
        servers = daemon.hosting().servers();
    }

    @AfterEach
    void end() throws IOException {
        daemon.close();
    }

    private static ServerConfig config(String name, String network, Boolean nesting) {
        return new ServerConfig(name, World.IMAGE, null, null, network, null, null, null, null, null, nesting, null, null);
    }

    private void launch(String name, String network, Boolean nesting) throws InterruptedException {
        assertThat(servers.create(config(name, network, nesting), true, "none", 1000).await(20_000, -1).error()).isNull();
        assertThat(servers.server(name).status()).isEqualTo(ServerStatus.RUNNING);
    }

    private void launch(String name, String image) throws InterruptedException {
        ServerConfig config = new ServerConfig(name, image, null, null, null, null, null, null, null, null, null, null, null);
        assertThat(servers.create(config, true, "none", 1000).await(20_000, -1).error()).isNull();
    }

    private void launch(String name) throws InterruptedException {
        launch(name, null, null);
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void awaitReady() {
        eventually(() -> daemon.hosting().spares() == AHEAD);
    }

    private FakeContainer ranACommand(String server) {
        FakeContainer container = world.running.get(server);
        daemon.hosting().anticipation().used(container);
        return container;
    }

    @Test
    void aProcessWaitsForTheNextCommandUntilNoneCameForAWhile() throws Exception {
        launch("one");
        assertThat(world.running.get("one").anticipated).isFalse();
        FakeContainer container = ranACommand("one");
        assertThat(container.anticipated).isTrue();
        ranACommand("one");
        world.timePasses();
        assertThat(container.anticipated).as("a command was run since").isTrue();
        world.timePasses();
        assertThat(container.anticipated).isFalse();
        ranACommand("one");
        world.timePasses();
        assertThat(container.anticipated).isFalse();
    }

    @Test
    void fewServersHaveAProcessThatWaitsAndNoneWhenTheDaemonEnds() throws Exception {
        for (int i = 0; i < 17; i++) {
            launch("s" + i);
            ranACommand("s" + i);
        }
        assertThat(world.running.get("s0").anticipated).isFalse();
        assertThat(world.running.get("s1").anticipated).isTrue();
        ranACommand("s1");
        ranACommand("s0");
        assertThat(world.running.get("s1").anticipated).isTrue();
        assertThat(world.running.get("s2").anticipated).isFalse();
        daemon.close();
        assertThat(world.running.values()).noneMatch(container -> container.anticipated);
    }

    @Test
    void theFirstLaunchHasSomeBegunForThoseThatFollow() throws Exception {
        assertThat(daemon.hosting().spares()).isZero();
        launch("one");
        awaitReady();
        assertThat(world.fromBegun).isEmpty();
        launch("two");
        awaitReady();
        launch("three");
        assertThat(world.fromBegun).containsExactlyInAnyOrder("two", "three");
        assertThat(world.running.values()).extracting(c -> c.spec().idBase()).doesNotHaveDuplicates();
        assertThat(world.leases).containsKeys("one", "two", "three");
        assertThat(world.leases.values()).extracting(place -> place.ipv4()).doesNotHaveDuplicates();
    }

    @Test
    void nobodySeesThem() throws Exception {
        launch("one");
        awaitReady();
        assertThat(servers.list()).extracting(s -> s.name()).containsExactly("one");
        assertThat(daemon.hosting().networks().list()).extracting(Network::usedBy).containsExactly(List.of("one"));
        assertThat(daemon.hosting().journal().unfinished()).isEmpty();
    }

    @Test
    void whatDiffersBeginsWithNothing() throws Exception {
        launch("one");
        awaitReady();
        launch("nested", null, true);
        launch("alone", "none", null);
        daemon.hosting().networks().create(new Network("other", null, null, true, null, null, null, null));
        launch("elsewhere", "other", null);
        assertThat(world.fromBegun).isEmpty();
        awaitReady();
        Limits limited = new Limits(null, null, null, null, null, null, 1L << 30, null, null, null, null);
        ServerConfig config = new ServerConfig(
                "limited", World.IMAGE, null, limited, "other", null, null, null, null, null, null, null, null);
        assertThat(servers.create(config, true, "none", 1000).await(20_000, -1).error()).isNull();
        assertThat(world.fromBegun).isEmpty();
    }

    @Test
    void thoseOfAnotherImageMakeRoom() throws Exception {
        StoredImage first = world.images.getFirst();
        world.images.add(new StoredImage(
                "b".repeat(64), List.of("other:1"), first.os(), first.osId(), first.architecture(), first.layers(), first.digests(),
                first.size(), first.created(), first.source(), first.command(), first.environment(), first.user(),
                first.workingDirectory()));
        launch("one");
        awaitReady();
        launch("two", "other:1");
        assertThat(world.fromBegun).isEmpty();
        eventually(() -> {
            try {
                launch("three" + world.running.size(), "other:1");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return !world.fromBegun.isEmpty();
        });
    }

    @Test
    void theyDoNotKeepAnImageFromGoing() throws Exception {
        launch("one");
        awaitReady();
        servers.delete("one", true).await(20_000, -1);
        assertThat(daemon.hosting().registry().from(world.images.getFirst().fingerprint())).isEmpty();
        daemon.hosting().leaveImage(world.images.getFirst().fingerprint());
        assertThat(world.begun).isEmpty();
        assertThat(daemon.hosting().spares()).isZero();
        assertThat(temporary.resolve("state/servers")).isEmptyDirectory();
    }

    @Test
    void oneWhoseProcessIsGoneIsNotUsed() throws Exception {
        launch("one");
        awaitReady();
        world.begun.clear();
        launch("two");
        assertThat(world.fromBegun).isEmpty();
    }

    @Test
    void aStartThatFailsLeavesNothing() throws Exception {
        launch("one");
        awaitReady();
        world.failure = "start";
        assertThat(servers.create(config("two", null, null), true, "none", 1000).await(20_000, -1).error().message()).contains("two");
        assertThat(servers.list()).extracting(s -> s.name()).containsExactly("one");
        world.failure = "";
        launch("two");
        daemon.close();
        assertThat(world.begun).isEmpty();
        assertThat(world.leases).containsOnlyKeys("one", "two");
        begin();
        assertThat(daemon.hosting().journal().unfinished()).isEmpty();
    }

    @Test
    void theyAreTakenBackAfterAWhileAndAtTheEnd() throws Exception {
        launch("one");
        awaitReady();
        daemon.close();
        assertThat(world.begun).isEmpty();
        assertThat(world.leases).containsOnlyKeys("one");
        assertThat(world.running).containsOnlyKeys("one");
        begin();
    }

    @Test
    void theyDoNotKeepANetworkFromGoing() throws Exception {
        daemon.hosting().networks().create(new Network("other", null, null, true, null, null, null, null));
        launch("one", "other", null);
        awaitReady();
        assertThatThrownBy(() -> daemon.hosting().networks().delete("other")).isInstanceOf(ApiException.class).hasMessageContaining("one");
        servers.delete("one", true).await(20_000, -1);
        daemon.hosting().networks().delete("other");
        assertThat(world.leases).isEmpty();
        assertThat(world.begun).isEmpty();
    }
}
