package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ImageBuild;
import trefoil.api.Limits;
import trefoil.api.Network;
import trefoil.api.Operation;
import trefoil.api.PortForward;
import trefoil.api.RestartPolicy;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.container.Exit;
import trefoil.network.Forward;
import trefoil.network.Rates;

/** What servers live through, over the real HTTP API, on a host that is a fake. */
class ServersTest extends OverTheSocket {
    private static final long GIB = 1L << 30;

    private static ServerConfig limited(String name, Limits limits) {
        return new ServerConfig(name, World.IMAGE, null, limits, null, null, null, null, null, null, null, null, null);
    }

    private static ServerConfig with(String name, RestartPolicy restart, Boolean ephemeral, Boolean autostart, List<PortForward> ports) {
        return new ServerConfig(name, World.IMAGE, null, null, null, ports, null, null, autostart, restart, null, ephemeral, null);
    }

    private static Limits memory(Long guarantee, Long cap) {
        return new Limits(null, null, guarantee, cap, null, null, null, null, null, null, null);
    }

    private ServerStatus status(String name) {
        return daemon.hosting().servers().server(name).status();
    }

    @Test
    void launchedServerShowsWhatItIs() throws IOException {
        launch("one");
        Server one = client.server("one");
        assertThat(one.kind()).isEqualTo(ServerKind.OS);
        assertThat(one.status()).isEqualTo(ServerStatus.RUNNING);
        assertThat(one.image()).isEqualTo(World.IMAGE);
        assertThat(one.addresses()).isNotEmpty();
        assertThat(one.pid()).isNotNull();
        assertThat(one.config().restart()).isEqualTo(RestartPolicy.ON_FAILURE);
        assertThat(client.servers()).extracting(Server::name).containsExactly("one");
        assertThat(client.network("default").usedBy()).containsExactly("one");
        assertThat(client.image(World.IMAGE).usedBy()).containsExactly("one");
        assertThat(client.usage()).hasSize(1);
        assertThat(client.usage("one").overheadMemory()).isGreaterThan(0);
        assertThat(client.usage("one").pressure().memory()).isNull();
    }

    @Test
    void usableComesAfterAnAddress() throws IOException {
        well(client.create(config("one"), true, "usable"));
        Server one = client.server("one");
        assertThat(one.usable()).isTrue();
        assertThat(one.usableAfterMillis()).isNotNull();
    }

    @Test
    void launchThatWaitsInVainNamesWhatIsLacking() throws IOException {
        world.addressless = true;
        Wire wire = new Wire(directory.socket());
        for (String wait : List.of("ip", "usable")) {
            String begun = wire.send("POST /1.0/servers?start=true&wait=" + wait + "&timeout=1 HTTP/1.1", "{\"name\":\"" + wait + "\",\"image\":\"debian:12\"}").text();
            Operation late = done(client.operation(begun.replaceAll("(?s).*\"operation\":\"/1.0/operations/([^\"]*)\".*", "$1")));
            assertThat(late.error().code()).isEqualTo("timeout");
            assertThat(late.error().message()).contains("within 1 s: it has no address yet", "left running");
            assertThat(late.error().next()).contains("trefoil console " + wait, "trefoil logs " + wait, "trefoil delete --force " + wait);
            assertThat(client.server(wait).status()).isEqualTo(ServerStatus.RUNNING);
            assertThat(client.server(wait).lacking()).isEqualTo("it has no address yet");
        }
        world.addressless = false;
        launch("one");
        assertThat(done(client.create(config("two"), true, "usable")).error()).isNull();
        assertThat(client.server("two").lacking()).isNull();
    }

    @Test
    void missingImageIsBuilt() throws IOException {
        launch(new ServerConfig("one", "debian:13", null, null, null, null, null, null, null, null, null, null, null));
        assertThat(client.image("debian:13").fingerprint()).startsWith("bbbb");
        Operation refused = done(client.create(
                new ServerConfig("two", "gentoo", null, null, null, null, null, null, null, null, null, null, null), true, "none"));
        assertThat(refused.error().code()).isEqualTo("not-found");
        assertThat(client.servers()).hasSize(1);
    }

    @Test
    void launchCanBeCancelledWhileItsImageIsBuilt() throws IOException, InterruptedException {
        world.buildWaits = true;
        Operation launch = client.create(
                new ServerConfig("one", "debian:13", null, null, null, null, null, null, null, null, null, null, null), true, "none");
        eventually(() -> daemon.hosting().registry() != null && cancellable(launch));
        assertThat(done(launch).error().code()).isEqualTo("cancelled");
        assertThat(client.servers()).isEmpty();
        world.buildWaits = false;
        launch("one");
    }

    private boolean cancellable(Operation operation) {
        try {
            client.cancel(operation.id());
            return true;
        } catch (ApiException e) {
            return false;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void incompatibleImageIsRefusedBeforeAnythingIsMade() throws IOException {
        world.failure = "check";
        Operation refused = done(client.create(config("one"), true, "none"));
        assertThat(refused.error().code()).isEqualTo("incompatible-image");
        assertThat(refused.error().next()).contains("--kind full");
        assertThat(world.traces(directory.servers()).get("files")).isEmpty();
        assertThat(world.up).isEmpty();
    }

    @Test
    void failedStepsLeaveNothing() throws IOException {
        for (String step : List.of("up", "create", "start")) {
            world.failure = step;
            Operation refused = done(client.create(config("one"), true, "none"));
            assertThat(refused.error().message()).as(step).isNotEmpty();
            world.traces(directory.servers()).forEach((what, names) -> assertThat(names).as(step + ": " + what).isEmpty());
            assertThat(client.servers()).isEmpty();
            assertThat(daemon.hosting().journal().unfinished()).isEmpty();
        }
        world.failure = "";
        launch("one");
    }

    @Test
    void processThatEndsAtOnceFailsTheLaunchWithItsLastWords() throws IOException {
        world.exitAtOnce = new Exit(3, 0);
        Operation failed = done(client.create(config("one"), true, "usable"));
        assertThat(failed.error().code()).isEqualTo("server-ended");
        assertThat(failed.error().message()).contains("exit status 3");
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.STOPPED);
        assertThat(client.server("one").lastExit().status()).isEqualTo(3);
        assertThat(world.later).isEmpty();
    }

    @Test
    void launchCanWaitForTheEnd() throws IOException {
        world.exitAtOnce = new Exit(7, 0);
        Operation ended = done(client.create(with("one", RestartPolicy.NEVER, true, null, null), true, "exit"));
        assertThat(ended.error()).isNull();
        assertThat(ended.metadata()).containsEntry("exitStatus", "7").containsEntry("name", "one");
    }

    @Test
    void namesAreUniqueAndChecked() throws IOException {
        launch("one");
        assertThatThrownBy(() -> client.create(config("one"), true, null))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().code()).isEqualTo("conflict"));
        for (String bad : List.of("", "1a", "-a", "a-", "A", "a_b", "a.b", "a/b", "../x", "a".repeat(64), "ü")) {
            assertThatThrownBy(() -> client.create(config(bad), true, null))
                    .as(bad)
                    .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().message()).startsWith("name:"));
        }
    }

    @Test
    void refusalsNameTheMember() {
        List<Map.Entry<ServerConfig, String>> wrong = List.of(
                Map.entry(limited("a", new Limits(0, null, null, null, null, null, null, null, null, null, null)), "limits.cpuWeight"),
                Map.entry(limited("a", new Limits(null, -0.5, null, null, null, null, null, null, null, null, null)), "limits.cpuCap"),
                Map.entry(limited("a", memory(2 * GIB, GIB)), "limits.memoryGuarantee"),
                Map.entry(limited("a", memory(null, 5L)), "limits.memoryCap"),
                Map.entry(with("a", null, null, null, List.of(new PortForward("sctp", null, 80, 80))), "ports.protocol"),
                Map.entry(with("a", null, null, null, List.of(new PortForward("tcp", null, 0, 80))), "ports"),
                Map.entry(new ServerConfig("a", null, null, null, null, null, null, null, null, null, null, null, null), "image"),
                Map.entry(new ServerConfig("a", "x", null, null, null, null, null, Map.of("A B", "c"), null, null, null, null, null), "environment"));
        wrong.forEach(entry -> assertThatThrownBy(() -> client.create(entry.getKey(), true, null))
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.error().status()).isEqualTo(400);
                    assertThat(e.error().message()).startsWith(entry.getValue());
                }));
        assertThatThrownBy(() -> client.create(
                        new ServerConfig("a", "x", ServerKind.FULL, null, null, null, null, null, null, null, null, null, null), true, null))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().status()).isEqualTo(501));
    }

    @Test
    void guaranteesAreKeptInTheLedger() throws IOException {
        launch(limited("one", memory(18 * GIB, null)));
        assertThat(client.resources().memoryGuaranteed()).isEqualTo(18 * GIB);
        Operation refused = done(client.create(limited("two", memory(8 * GIB, null)), true, "none"));
        assertThat(refused.error().code()).isEqualTo("insufficient-resources");
        assertThat(refused.error().message()).contains("8 GiB").contains("24 GiB").contains("18 GiB").contains("4.8 GiB are left");
        assertThat(client.servers()).hasSize(1);
        assertThatThrownBy(() -> client.update("one", limited(null, memory(23 * GIB, null)), null))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().status()).isEqualTo(507));
        assertThat(client.server("one").config().limits().memoryGuarantee()).isEqualTo(18 * GIB);
        state("one", "stop", null, null);
        assertThat(client.resources().memoryGuaranteed()).isZero();
        launch(limited("two", memory(8 * GIB, null)));
        Operation noRoom = state("one", "start", null, null);
        assertThat(noRoom.error().code()).isEqualTo("insufficient-resources");
    }

    @Test
    void diskIsPromisedFromCreationOn() throws IOException {
        Limits disk = new Limits(null, null, null, null, null, null, 100 * GIB, null, null, null, null);
        well(client.create(limited("one", disk), false, null));
        assertThat(client.resources().diskPromised()).isEqualTo(100 * GIB);
        assertThat(done(client.create(limited("two", disk), false, null)).error().code()).isEqualTo("insufficient-resources");
        well(client.delete("one", false));
        assertThat(client.resources().diskPromised()).isZero();
        world.diskFree = GIB;
        assertThat(done(client.create(config("three"), false, null)).error().code()).isEqualTo("disk-full");
    }

    @Test
    void limitsWithoutValuesProtectTheHost() throws IOException {
        launch("one");
        assertThat(world.running.get("one").limits.pids()).isEqualTo(3276);
        assertThat(world.running.get("one").limits.memoryCap()).isEqualTo(24 * GIB - (long) (24 * GIB * 0.05));
    }

    @Test
    void stopAsksFirst() throws IOException {
        launch("one");
        assertThat(state("one", "stop", null, 5).error()).isNull();
        assertThat(client.server("one").lastExit().cause()).isEqualTo("stop");
        assertThat(world.leases).isEmpty();
        assertThat(state("one", "stop", null, 5).error().code()).isEqualTo("conflict");
    }

    @Test
    void deafInitMakesStopFailUntilForced() throws IOException {
        launch("one");
        world.ignorePowerOff = true;
        Operation late = state("one", "stop", null, 0);
        assertThat(late.error().code()).isEqualTo("timeout");
        assertThat(late.error().next()).contains("stop --force");
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.RUNNING);
        assertThat(state("one", "stop", true, null).error()).isNull();
        assertThat(client.server("one").lastExit().cause()).isEqualTo("kill");
    }

    @Test
    void secondCommandIsToldWhoIsAtWorkAndForceGetsThrough() throws IOException {
        launch("one");
        world.ignorePowerOff = true;
        Operation patient = client.changeState("one", new StateChange("stop", null, 60));
        Operation refused = state("one", "pause", null, null);
        assertThat(refused.error().code()).isEqualTo("conflict");
        assertThat(refused.error().message()).contains("stop (/1.0/operations/" + patient.id());
        assertThat(state("one", "stop", true, null).error()).isNull();
        assertThat(done(patient).error()).isNull();
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.STOPPED);
    }

    @Test
    void powerOffFromInsideStops() throws IOException, InterruptedException {
        launch(with("one", RestartPolicy.ALWAYS, null, null, null));
        world.end("one", new Exit(-1, 2));
        eventually(() -> status("one") == ServerStatus.STOPPED);
        assertThat(client.server("one").lastExit().cause()).isEqualTo("poweroff");
        assertThat(world.later).isEmpty();
    }

    @Test
    void rebootFromInsideStartsAgainAtOnce() throws IOException, InterruptedException {
        launch(with("one", RestartPolicy.NEVER, null, null, null));
        int before = client.server("one").pid();
        world.end("one", new Exit(-1, 1));
        eventually(() -> status("one") == ServerStatus.RUNNING && !Integer.valueOf(before).equals(daemon.hosting().servers().server("one").pid()));
        assertThat(client.server("one").lastExit().cause()).isEqualTo("reboot");
    }

    @Test
    void failuresAreRestartedWithLongerAndLongerPausesThenGivenUp() throws IOException, InterruptedException {
        launch("one");
        eventually(() -> daemon.hosting().servers().server("one").usable());
        long expected = 1000;
        for (int i = 0; i < 5; i++) {
            world.end("one", new Exit(1, 0));
            eventually(() -> !world.later.isEmpty());
            assertThat(status("one")).isEqualTo(ServerStatus.STOPPED);
            assertThat(world.later.getFirst().pause().toMillis()).isEqualTo(expected);
            expected *= 2;
            world.timePasses();
            eventually(() -> status("one") == ServerStatus.RUNNING);
        }
        world.end("one", new Exit(1, 0));
        eventually(() -> status("one") == ServerStatus.ERROR);
        assertThat(client.server("one").error()).contains("6 times").contains("exit status 1");
        world.failure = "";
        assertThat(state("one", "start", null, null).error()).isNull();
        assertThat(client.server("one").error()).isNull();
    }

    @Test
    void lackOfMemoryIsACauseOfItsOwnAndAFailure() throws IOException, InterruptedException {
        launch("one");
        world.end("one", new Exit(-1, 9, 1));
        eventually(() -> !world.later.isEmpty());
        assertThat(client.server("one").lastExit().cause()).isEqualTo("oom");
        world.timePasses();
        eventually(() -> status("one") == ServerStatus.RUNNING);
        world.end("one", new Exit(-1, 9, 0));
        eventually(() -> status("one") == ServerStatus.STOPPED && !world.later.isEmpty());
        assertThat(client.server("one").lastExit().cause()).isEqualTo("exit");
    }

    @Test
    void daemonThatEndsTakesTheEngineOffTheHostUnlessServersNeedIt() throws IOException, InterruptedException {
        launch("one");
        daemon.close();
        assertThat(world.retirements).isZero();
        startDaemon();
        assertThat(state("one", "stop", null, null).error()).isNull();
        daemon.close();
        assertThat(world.retirements).isEqualTo(1);
        startDaemon();
        launch("two");
    }

    private static Limits disk(long bytes) {
        return new Limits(null, null, null, null, null, null, bytes, null, null, null, null);
    }

    private Server change(String name, Limits limits, List<String> command) throws IOException {
        return client.update(name, new ServerConfig(null, null, null, limits, null, null, command, null, null, null, null, null, null), null);
    }

    @Test
    void diskThatCannotGrowAsItRunsGrowsAtTheNextStart() throws IOException {
        launch(limited("one", disk(GIB)));
        assertThat(change("one", disk(2 * GIB), null).pending()).containsExactly("limits.disk");
        assertThat(world.disks).containsEntry("one", 2 * GIB);
        assertThat(change("one", null, List.of("/bin/other")).pending()).containsExactly("command", "limits.disk");
        assertThat(state("one", "restart", null, null).error()).isNull();
        assertThat(client.server("one").pending()).isEmpty();
        assertThat(state("one", "stop", null, null).error()).isNull();
        assertThat(change("one", disk(3 * GIB), null).pending()).isEmpty();
    }

    @Test
    void diskThatDoesNotGrowOrWouldShrinkStaysAsItWas() throws IOException {
        launch(limited("one", disk(2 * GIB)));
        assertThatThrownBy(() -> change("one", disk(GIB), null)).isInstanceOf(ApiException.class).hasMessageContaining("2 GiB").hasMessageContaining("1 GiB");
        world.failure = "grow";
        assertThatThrownBy(() -> change("one", disk(3 * GIB), null)).isInstanceOf(ApiException.class).hasMessageContaining("grow");
        assertThat(client.server("one").config().limits().disk()).isEqualTo(2 * GIB);
        assertThat(client.resources().diskPromised()).isEqualTo(2 * GIB);
    }

    @Test
    void commandVoidsAPlannedRestart() throws IOException, InterruptedException {
        launch("one");
        world.end("one", new Exit(1, 0));
        eventually(() -> !world.later.isEmpty());
        state("one", "stop", null, null);
        world.timePasses();
        assertThat(status("one")).isEqualTo(ServerStatus.STOPPED);
    }

    @Test
    void cleanExitIsRestartedOnlyAlways() throws IOException, InterruptedException {
        launch("one");
        launch(with("two", RestartPolicy.ALWAYS, null, null, null));
        world.end("one", new Exit(0, 0));
        world.end("two", new Exit(0, 0));
        eventually(() -> status("one") == ServerStatus.STOPPED && status("two") == ServerStatus.STOPPED && !world.later.isEmpty());
        world.timePasses();
        eventually(() -> status("two") == ServerStatus.RUNNING);
        assertThat(status("one")).isEqualTo(ServerStatus.STOPPED);
    }

    @Test
    void ephemeralServersGoWhenTheyEnd() throws IOException, InterruptedException {
        launch(with("one", null, true, null, null));
        launch(with("two", null, true, null, null));
        world.end("one", new Exit(-1, 2));
        assertThat(state("two", "stop", null, null).error()).isNull();
        eventually(() -> daemon.hosting().servers().list().isEmpty());
        assertThat(world.traces(directory.servers()).get("files")).isEmpty();
    }

    @Test
    void pauseAndResume() throws IOException {
        launch("one");
        assertThat(state("one", "pause", null, null).error()).isNull();
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.PAUSED);
        assertThat(state("one", "stop", null, null).error().next()).contains("resume");
        assertThat(state("one", "resume", null, null).error()).isNull();
        assertThat(state("one", "resume", null, null).error().code()).isEqualTo("conflict");
    }

    @Test
    void deletionRefusesARunningServer() throws IOException {
        launch("one");
        assertThatThrownBy(() -> client.delete("one", false))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().next()).contains("--force"));
        int detachments = world.detachments.get();
        well(client.delete("one", true));
        assertThat(world.detachments).as("each costs the kernel").hasValue(detachments + 1);
        assertThat(client.servers()).isEmpty();
        world.traces(directory.servers()).forEach((what, names) -> assertThat(names).as(what).isEmpty());
    }

    @Test
    void failedDeletionIsFinishedLater() throws IOException, InterruptedException {
        well(client.create(config("one"), false, null));
        world.failure = "delete";
        assertThat(done(client.delete("one", false)).error()).isNotNull();
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.ERROR);
        assertThat(state("one", "start", null, null).error().message()).contains("half deleted");
        world.failure = "";
        restartDaemon();
        assertThat(client.servers()).isEmpty();
    }

    private void restartDaemon() throws IOException, InterruptedException {
        client.close();
        daemon.die();
        startDaemon();
    }

    @Test
    void changesApplyToARunningServer() throws IOException {
        launch("one");
        Limits limits = new Limits(200, 1.5, GIB, 2 * GIB, null, 99L, null, null, null, null, 1_000_000L);
        client.update("one", limited(null, limits), null);
        assertThat(world.running.get("one").limits.cpuWeight()).isEqualTo(200);
        assertThat(world.running.get("one").limits.pids()).isEqualTo(99);
        assertThat(world.rates).isEqualTo(new Rates(null, 1_000_000L));
        Limits clear = new Limits(-1, null, null, null, null, -1L, null, null, null, null, null);
        Server cleared = client.update("one", limited(null, clear), null);
        assertThat(cleared.config().limits().cpuWeight()).isNull();
        assertThat(cleared.config().limits().memoryCap()).isEqualTo(2 * GIB);
        assertThat(world.running.get("one").limits.pids()).isEqualTo(3276);
    }

    @Test
    void changeBasedOnAnOldStateIsRefused() throws IOException {
        launch("one");
        var before = client.taggedServer("one");
        client.update("one", with(null, RestartPolicy.ALWAYS, null, null, null), before.tag());
        assertThatThrownBy(() -> client.update("one", with(null, RestartPolicy.NEVER, null, null, null), before.tag()))
                .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.error().status()).isEqualTo(412));
        assertThat(client.server("one").config().restart()).isEqualTo(RestartPolicy.ALWAYS);
    }

    @Test
    void fixedMembersCannotBeChanged() throws IOException {
        launch("one");
        assertThatThrownBy(() -> client.update("one", config("other"), null)).hasMessageContaining("name:");
        ServerConfig image = new ServerConfig(null, "busybox", null, null, null, null, null, null, null, null, null, null, null);
        assertThatThrownBy(() -> client.update("one", image, null)).hasMessageContaining("image:");
        ServerConfig network = new ServerConfig(null, null, null, null, "none", null, null, null, null, null, null, null, null);
        assertThatThrownBy(() -> client.update("one", network, null)).hasMessageContaining("network:");
        state("one", "stop", null, null);
        assertThat(client.update("one", network, null).config().network()).isEqualTo("none");
        assertThat(state("one", "start", null, null).error()).isNull();
        assertThat(client.server("one").addresses()).isEmpty();
    }

    @Test
    void portsAreForwardedWhileTheServerRuns() throws IOException {
        List<PortForward> ports = List.of(new PortForward("tcp", null, 8080, 80));
        launch(with("one", null, null, null, ports));
        assertThat(world.forwards).containsExactly(new Forward("tcp", null, 8080, "10.77.0.2", 80));
        assertThat(done(client.create(with("two", null, null, null, ports), true, null)).error().message()).contains("already leads to server one");
        state("one", "stop", null, null);
        assertThat(world.forwards).isEmpty();
        world.failure = "forwards";
        assertThat(state("one", "start", null, null).error().message()).contains("port 8080");
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.STOPPED);
        assertThat(world.running).isEmpty();
    }

    @Test
    void portsAreForwardedOverBothVersionsOfIpUnlessAnAddressNamesOne() throws IOException {
        client.createNetwork(new Network("lab", "10.9.0.1/24", "fd09::1/64", null, null, null, null, null));
        List<PortForward> ports = List.of(
                new PortForward("tcp", null, 8080, 80), new PortForward("udp", "192.0.2.1", 53, 53), new PortForward("tcp", "2001:db8::1", 443, 443));
        ServerConfig config = new ServerConfig("one", World.IMAGE, null, null, "lab", ports, null, null, null, null, null, null, null);
        well(client.create(config, true, "ip"));
        String four = world.leases.get("one").ipv4();
        String six = world.leases.get("one").ipv6();
        assertThat(six).startsWith("fd09::");
        assertThat(world.forwards).containsExactly(
                new Forward("tcp", null, 8080, four, 80),
                new Forward("tcp", null, 8080, six, 80),
                new Forward("udp", "192.0.2.1", 53, four, 53),
                new Forward("tcp", "2001:db8::1", 443, six, 443));
    }

    @Test
    void portsThatCanLeadNowhereAreRefused() throws IOException {
        for (String bad : List.of("::1", "0:0::1", "localhost", "fe80::1%eth0", "10.0.0.256", "a b")) {
            assertThatThrownBy(() -> client.create(with("one", null, null, null, List.of(new PortForward("tcp", bad, 8080, 80))), true, "none"))
                    .isInstanceOfSatisfying(ApiException.class, e -> {
                        assertThat(e.error().status()).isEqualTo(400);
                        assertThat(e.error().message()).startsWith("ports.hostAddress: ");
                        assertThat(e.error().next()).contains("publish on 127.0.0.1");
                    });
        }
        Operation refused = done(client.create(with("one", null, null, null, List.of(new PortForward("tcp", "2001:db8::1", 8080, 80))), true, "none"));
        assertThat(refused.error().message()).contains("of 2001:db8::1 can lead nowhere: server one has no IPv6 address on network default");
        assertThat(world.running).isEmpty();
        assertThat(client.servers()).isEmpty();
    }

    @Test
    void onePortOfTwoAddressesOfTheHostLeadsToTwoServers() throws IOException {
        launch(with("one", null, null, null, List.of(new PortForward("tcp", "127.0.0.1", 8080, 80))));
        launch(with("two", null, null, null, List.of(new PortForward("tcp", "192.0.2.1", 8080, 80))));
        assertThat(world.forwards).extracting(Forward::hostAddress).containsExactlyInAnyOrder("127.0.0.1", "192.0.2.1");
        assertThat(done(client.create(with("three", null, null, null, List.of(new PortForward("tcp", null, 8080, 80))), true, null)).error().message())
                .contains("already leads to server");
    }

    @Test
    void serversGetPlacesAndIdsOfTheirOwn() throws IOException {
        List<String> names = List.of("a1", "a2", "a3", "a4", "a5", "a6");
        List<Operation> launches = names.stream().map(name -> {
            try {
                return client.create(config(name), true, "ip");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }).toList();
        for (Operation launch : launches) {
            well(launch);
        }
        assertThat(world.leases.values()).extracting(lease -> lease.ipv4()).doesNotHaveDuplicates().hasSize(6);
        assertThat(world.running.values()).extracting(container -> container.spec().idBase()).doesNotHaveDuplicates().allMatch(id -> id >= 1_000_000);
    }

    @Test
    void renameNeedsAStoppedServer() throws IOException {
        launch("one");
        assertThatThrownBy(() -> client.rename("one", "two")).hasMessageContaining("only a stopped server");
        state("one", "stop", null, null);
        launch("three");
        assertThatThrownBy(() -> client.rename("one", "three")).hasMessageContaining("already");
        assertThat(client.rename("one", "two").config().name()).isEqualTo("two");
        assertThatThrownBy(() -> client.server("one")).isInstanceOf(ApiException.class);
        assertThat(Files.isDirectory(directory.server("two"))).isTrue();
        assertThat(state("two", "start", null, null).error()).isNull();
    }

    @Test
    void nextDaemonAdoptsWhatRuns() throws IOException, InterruptedException {
        launch("one");
        launch("two");
        launch(with("three", RestartPolicy.ALWAYS, null, null, null));
        well(client.create(config("four"), false, null));
        state("two", "pause", null, null);
        int pid = client.server("one").pid();
        client.close();
        daemon.die();
        world.running.remove("three");
        world.endedUnseen.put("three", new Exit(5, 0));
        startDaemon();
        assertThat(client.server("one").pid()).isEqualTo(pid);
        assertThat(client.server("one").addresses()).isNotEmpty();
        assertThat(client.server("two").status()).isEqualTo(ServerStatus.PAUSED);
        eventually(() -> !world.later.isEmpty());
        assertThat(client.server("three").lastExit().status()).isEqualTo(5);
        world.timePasses();
        eventually(() -> status("three") == ServerStatus.RUNNING);
        assertThat(client.server("four").status()).isEqualTo(ServerStatus.STOPPED);
        assertThat(state("one", "stop", null, null).error()).isNull();
    }

    @Test
    void autostartStartsWithTheDaemon() throws IOException, InterruptedException {
        well(client.create(with("one", null, null, true, null), false, null));
        well(client.create(config("two"), false, null));
        restartDaemon();
        eventually(() -> status("one") == ServerStatus.RUNNING);
        assertThat(status("two")).isEqualTo(ServerStatus.STOPPED);
    }

    @Test
    void networksInUseStay() throws IOException {
        client.createNetwork(new Network("lab", "10.9.0.1/24", null, null, null, null, null, null));
        launch(new ServerConfig("one", World.IMAGE, null, null, "lab", null, null, null, null, null, null, null, null));
        assertThat(client.network("lab").usedBy()).containsExactly("one");
        assertThatThrownBy(() -> client.deleteNetwork("lab")).hasMessageContaining("one");
        well(client.delete("one", true));
        client.deleteNetwork("lab");
        assertThat(client.networks()).isEmpty();
        assertThat(world.up).isEmpty();
        assertThatThrownBy(() -> client.createNetwork(new Network("no/slash", null, null, null, null, null, null, null)))
                .hasMessageContaining("name:");
    }

    @Test
    void imagesInUseStay() throws IOException {
        launch("one");
        assertThatThrownBy(() -> client.deleteImage(World.IMAGE)).hasMessageContaining("one");
        well(client.delete("one", true));
        client.deleteImage(World.IMAGE);
        assertThat(client.images()).isEmpty();
        Operation built = done(client.buildImage(new ImageBuild("debian:12", null)));
        assertThat(built.metadata().get("fingerprint")).startsWith("bbb");
    }

    @Test
    void importedArchivesDoNotStayInUploads() throws IOException {
        byte[] archive = "a rather small archive".getBytes(StandardCharsets.UTF_8);
        Operation imported = done(client.importImage(new ByteArrayInputStream(archive), archive.length, "mine", "mine.tar"));
        assertThat(imported.metadata()).containsKey("fingerprint");
        ApiError nameless = done(client.importImage(new ByteArrayInputStream(new byte[3]), -1, null, null)).error();
        assertThat(nameless.code()).isEqualTo("bad-image");
        assertThat(nameless.message()).contains("the archive");
        assertThat(done(client.importImage(new ByteArrayInputStream(new byte[3]), -1, null, "their file.tar")).error().message())
                .contains("their file.tar").doesNotContain("import-");
        try (var left = Files.list(directory.uploads())) {
            assertThat(left).isEmpty();
        }
        try (var tarball = client.exportImage("mine")) {
            assertThat(new String(tarball.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("a tarball");
        }
    }

    @Test
    void secondDaemonIsRefused() {
        assertThatThrownBy(() -> Daemon.start(directory, World.CONFIGURATION, world.parts(step -> {})))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another Trefoil daemon (process " + ProcessHandle.current().pid() + ")")
                .hasMessageContaining("trefoil daemon stop");
    }

    @Test
    void shutdownCanTakeEverythingOffTheHost() throws IOException, InterruptedException {
        launch("one");
        client.shutdown(true);
        daemon.awaitEnd();
        daemon.close();
        assertThat(world.running).isEmpty();
        assertThat(world.up).isEmpty();
        startDaemon();
        assertThat(client.server("one").status()).isEqualTo(ServerStatus.STOPPED);
    }
}
