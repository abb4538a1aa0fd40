package trefoil.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import trefoil.cli.session.Terminals;
import trefoil.client.fake.FakeDaemon;

class ServerCommandsTest extends CommandLineTest {
    private static final String RUNNING = "{\"id\":\"1\",\"description\":\"d\",\"status\":\"running\",\"metadata\":{},\"created\":1}";
    private static final String SERVER =
            "{\"name\":\"web1\",\"kind\":\"os\",\"status\":\"running\",\"usable\":true,\"usableAfterMillis\":1800,\"image\":\"debian:12\",\"addresses\":[\"10.77.0.5\"],\"created\":1}";

    /** An operation that goes through phases, one a wait, and then ends with {@code end}. */
    private void operationEnds(String end, String... phases) {
        int[] asked = {0};
        daemon.on("GET /1.0/operations/1/wait", (request, out) -> {
            int now = asked[0]++;
            String state = now < phases.length
                    ? "\"status\":\"running\",\"progress\":{\"phase\":\"" + phases[now] + "\",\"done\":512,\"total\":1024,\"unit\":\"bytes\"}"
                    : end;
            String body = "{\"type\":\"sync\",\"status\":200,\"metadata\":{\"id\":\"1\"," + state + ",\"metadata\":{},\"created\":1}}";
            FakeDaemon.octets(out, 200, "Content-Type: application/json\r\nETag: \"" + (now + 1) + "\"\r\n", body.getBytes());
        });
    }

    private void succeeds(String... phases) {
        operationEnds("\"status\":\"success\"", phases);
    }

    private void fails(String error) {
        operationEnds("\"status\":\"failure\",\"error\":" + error);
    }

    @Test
    void launchSendsWhatWasAskedForAndWaits() {
        daemon.answerAsync("POST /1.0/servers", RUNNING).answer("GET /1.0/servers/web1", SERVER);
        succeeds("image", "create", "create", "waiting for an address");
        environment.put("LANG", "C.UTF-8");
        int code = trefoil("launch", "debian:12", "web1", "--kind=os", "--memory", "1GiB", "--cpus=1.5", "--net-in", "100Mbit", "-p", "8080:80",
                "-p", "127.0.0.1:53:53/udp", "-e", "A=b c", "--env", "LANG", "--restart", "always", "--autostart", "--nesting", "--network", "lab",
                "--description", "d", "--", "/bin/sh", "-c", "exec \"$0\"", "--", "-x");
        assertThat(err()).isEqualTo("""
                web1: image
                web1: create
                web1: waiting for an address
                web1 is usable at 10.77.0.5, after 1.8 s
                """);
        assertThat(code).isZero();
        assertThat(out()).isEmpty();
        FakeDaemon.Request request = daemon.requests("POST").getFirst();
        assertThat(request.target()).isEqualTo("/1.0/servers?start=true&wait=usable");
        assertThat(request.text()).isEqualTo("{\"name\":\"web1\",\"image\":\"debian:12\",\"kind\":\"os\",\"limits\":{\"cpuCap\":1.5,\"memoryCap\":1073741824,"
                + "\"networkReceiveRate\":100000000},\"network\":\"lab\",\"ports\":[{\"protocol\":\"tcp\",\"hostPort\":8080,\"serverPort\":80},"
                + "{\"protocol\":\"udp\",\"hostAddress\":\"127.0.0.1\",\"hostPort\":53,\"serverPort\":53}],"
                + "\"command\":[\"/bin/sh\",\"-c\",\"exec \\\"$0\\\"\",\"--\",\"-x\"],\"environment\":{\"A\":\"b c\",\"LANG\":\"C.UTF-8\"},"
                + "\"autostart\":true,\"restart\":\"always\",\"nesting\":true,\"description\":\"d\"}");
        assertThat(daemon.requests("GET /1.0/operations").getFirst().target()).isEqualTo("/1.0/operations/1/wait?timeout=10&seen=0");
        assertThat(daemon.requests("GET /1.0/operations").get(1).target()).endsWith("seen=1");
    }

    @Test
    void helpFitsEightyColumnsAndLimitsStandInOrder() {
        assertThat(trefoil("launch", "--help")).isZero();
        assertThat(out()).startsWith("usage: trefoil launch [OPTIONS] IMAGE [NAME] [-- COMMAND...]\n");
        assertThat(out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(out().indexOf("--cpus")).isLessThan(out().indexOf("--memory")).isLessThan(out().indexOf("--net-out"));
        assertThat(trefoil("help", "image", "build")).isZero();
        assertThat(out()).contains("usage: trefoil image build");
    }

    @Test
    void launchMakesANameUpAndQuietSaysNothing() {
        daemon.answerAsync("POST /1.0/servers", RUNNING);
        succeeds("image");
        assertThat(trefoil("--quiet", "launch", "debian:12", "--wait=none", "--ephemeral")).isZero();
        assertThat(err()).isEmpty();
        assertThat(daemon.requests().getFirst().text()).matches("\\{\"name\":\"debian-[a-z0-9]{4}\",\"image\":\"debian:12\",\"ephemeral\":true}");
    }

    @Test
    void progressIsDrawnOnATerminal() {
        daemon.answerAsync("POST /1.0/servers", RUNNING).answer("GET /1.0/servers/web1", SERVER);
        terminals = new Terminals(false, false, true);
        succeeds("downloading");
        assertThat(trefoil("launch", "debian:12", "web1")).isZero();
        assertThat(err()).startsWith("\r\033[Kweb1: downloading [############------------] 512 B of 1 KiB\r\033[K").endsWith("after 1.8 s\n");
    }

    @Test
    void aFailedOperationTellsWhatAndWhyAndWhatNext() {
        daemon.answerAsync("POST /1.0/servers", RUNNING);
        fails("{\"code\":\"incompatible-image\",\"status\":422,\"message\":\"the image is for arm64\",\"next\":\"trefoil launch --kind full\",\"detail\":\"e_machine 183\\nwanted 62\\n\"}");
        assertThat(trefoil("launch", "x", "web1")).isEqualTo(1);
        assertThat(err()).isEqualTo("""
                error: the image is for arm64
                  e_machine 183
                  wanted 62
                try: trefoil launch --kind full
                """);
        terminals = new Terminals(false, false, true);
        trefoil("launch", "x", "web1");
        assertThat(err()).contains("\033[1;31merror:\033[0m the image");
        environment.put("NO_COLOR", "1");
        trefoil("launch", "x", "web1");
        assertThat(err()).contains("error: the image").doesNotContain("\033[1");
    }

    @Test
    void launchGivesUpWaitingAfterItsTimeout() {
        neverEnds();
        assertThat(trefoil("launch", "x", "web1", "--timeout", "1")).isEqualTo(1);
        assertThat(err()).contains("web1 is not there after 1 s; its launch goes on in the daemon", "try: wait for it with: trefoil query /1.0/operations/1/wait");
    }

    @Test
    void launchThatGivesUpWaitingSaysWhatIsLacking() {
        neverEnds();
        daemon.answer("GET /1.0/servers/web1", "{\"name\":\"web1\",\"kind\":\"os\",\"status\":\"running\",\"usable\":false,"
                + "\"lacking\":\"systemd is still booting\",\"created\":0}");
        assertThat(trefoil("launch", "x", "web1", "--timeout", "1")).isEqualTo(1);
        assertThat(err()).contains("web1 is not ready after 1 s: systemd is still booting.", "trefoil logs web1");
        daemon.answer("GET /1.0/servers/web1/usage", "{\"name\":\"web1\",\"at\":1}");
        trefoil("info", "web1");
        assertThat(out()).contains("running, not yet usable: systemd is still booting");
    }

    private void neverEnds() {
        daemon.answerAsync("POST /1.0/servers", RUNNING);
        daemon.on("GET /1.0/operations/1/wait", (request, out) -> {
            try {
                new CountDownLatch(1).await(1100, TimeUnit.MILLISECONDS); // as the daemon holds a wait
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            FakeDaemon.json(out, 200, "{\"type\":\"sync\",\"status\":200,\"metadata\":" + RUNNING + "}");
        });
    }

    @Test
    void wrongLaunchesAreUsageErrors() {
        for (String[] wrong : new String[][] {
            {"launch"}, {"launch", "x", "y", "z"}, {"launch", "x", "y", "--kind", "osx"}, {"launch", "x", "y", "--memory", "lots"},
            {"launch", "x", "y", "--wait", "forever"}, {"launch", "x", "y", "--timeout", "0"}, {"launch", "x", "y", "-p", "80:x"},
            {"launch", "x", "y", "--"}, {"launch", "x", "y", "--restart", "maybe"}, {"launch", "x", "y", "--memroy", "1G"}
        }) {
            assertThat(trefoil(wrong)).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(err()).as(String.join(" ", wrong)).startsWith("error: ").doesNotContain("Exception");
        }
        assertThat(err()).contains("did you mean --memory?");
        assertThat(daemon.requests()).isEmpty();
    }

    @Test
    void stateCommandsBeginWithAllThenWait() {
        daemon.answerAsync("PUT /1.0/servers/a/state", RUNNING).answerAsync("PUT /1.0/servers/c/state", RUNNING);
        daemon.refuse("PUT /1.0/servers/b/state", 409, "{\"code\":\"conflict\",\"status\":409,\"message\":\"b is stopped\"}");
        succeeds();
        assertThat(trefoil("stop", "a", "b", "c", "a", "--force", "--timeout", "5")).isEqualTo(1);
        assertThat(err()).isEqualTo("error: b is stopped\na stopped\nc stopped\n");
        assertThat(daemon.requests("PUT")).hasSize(3);
        assertThat(daemon.requests("PUT").getFirst().text()).isEqualTo("{\"action\":\"stop\",\"force\":true,\"timeoutSeconds\":5}");
        assertThat(trefoil("pause")).isEqualTo(2);
        assertThat(trefoil("start", "--all", "a")).isEqualTo(2);
    }

    @Test
    void allMeansTheServersThatTheCommandIsFor() {
        daemon.answer("GET /1.0/servers", "[{\"name\":\"a\",\"status\":\"paused\"},{\"name\":\"b\",\"status\":\"running\"},{\"name\":\"c\",\"status\":\"stopped\"}]");
        daemon.answerAsync("PUT /1.0/servers/a/state", RUNNING);
        succeeds();
        assertThat(trefoil("resume", "--all")).isZero();
        assertThat(err()).isEqualTo("a resumed\n");
    }

    @Test
    void deleteForces() {
        daemon.answerAsync("DELETE /1.0/servers/a", RUNNING);
        succeeds();
        assertThat(trefoil("rm", "-f", "a")).isZero();
        assertThat(daemon.requests("DELETE").getFirst().target()).isEqualTo("/1.0/servers/a?force=true");
        assertThat(trefoil("delete", "a")).isZero();
        assertThat(daemon.requests("DELETE").getLast().target()).isEqualTo("/1.0/servers/a");
    }

    @Test
    void setSendsOnlyWhatChanges() {
        daemon.answer("PATCH /1.0/servers/a", SERVER);
        assertThat(trefoil("set", "a", "memory=none", "cpus=2", "--disk", "10GiB", "autostart=yes", "restart=never", "description=", "publish=none")).isZero();
        assertThat(daemon.requests().getFirst().text()).isEqualTo(
                "{\"limits\":{\"cpuCap\":2.0,\"memoryCap\":-1,\"disk\":10737418240},\"ports\":[],\"autostart\":true,\"restart\":\"never\",\"description\":\"\"}");
        assertThat(trefoil("set", "a", "memroy=1G")).isEqualTo(2);
        assertThat(err()).contains("did you mean memory?");
        assertThat(trefoil("set", "a")).isEqualTo(2);
        assertThat(trefoil("set", "a", "memory")).isEqualTo(2);
    }

    @Test
    void setTellsWhatTakesEffectAtTheNextStart() {
        daemon.answer("PATCH /1.0/servers/a", SERVER.substring(0, SERVER.lastIndexOf('}')) + ",\"pending\":[\"limits.disk\"]}");
        assertThat(trefoil("set", "a", "disk=10GiB")).isZero();
        assertThat(err()).contains("trefoil restart ", "limits.disk");
    }

    @Test
    void setAddsAndRemovesPortsOfTheStateItSaw() {
        daemon.on("GET /1.0/servers/a", (request, out) -> FakeDaemon.octets(out, 200, "ETag: \"7\"\r\nContent-Type: application/json\r\n",
                ("{\"type\":\"sync\",\"status\":200,\"metadata\":{\"name\":\"a\",\"config\":{\"name\":\"a\",\"image\":\"x\",\"ports\":"
                        + "[{\"protocol\":\"tcp\",\"hostPort\":80,\"serverPort\":80},{\"protocol\":\"tcp\",\"hostPort\":81,\"serverPort\":81}]}}}").getBytes()));
        daemon.answer("PATCH /1.0/servers/a", SERVER);
        assertThat(trefoil("set", "a", "publish-=80:80", "publish+=90:90")).isZero();
        FakeDaemon.Request patch = daemon.requests("PATCH").getFirst();
        assertThat(patch.headers()).containsEntry("if-match", "\"7\"");
        assertThat(patch.text()).isEqualTo("{\"ports\":[{\"protocol\":\"tcp\",\"hostPort\":81,\"serverPort\":81},{\"protocol\":\"tcp\",\"hostPort\":90,\"serverPort\":90}]}");
        assertThat(trefoil("set", "a", "publish-=1:1")).isEqualTo(2);
    }

    @Test
    void infoShowsAServerWithItsUse() {
        daemon.answer("GET /1.0/servers/web1", SERVER.replace("\"created\":1}", "\"created\":1,\"started\":1,\"lastExit\":{\"signal\":9,\"cause\":\"oom\",\"at\":1},"
                + "\"config\":{\"name\":\"web1\",\"image\":\"debian:12\",\"limits\":{\"memoryCap\":1073741824,\"networkReceiveRate\":100000000},"
                + "\"ports\":[{\"protocol\":\"udp\",\"hostPort\":53,\"serverPort\":53}],\"command\":[\"/bin/\\u001b[31msh\"],\"restart\":\"on-failure\"}}"));
        daemon.answer("GET /1.0/servers/web1/usage", "{\"name\":\"web1\",\"at\":1,\"cpuNanos\":2500000000,\"memory\":104857600,\"memoryWorkingSet\":52428800,"
                + "\"swap\":0,\"processes\":12,\"disk\":1048576,\"ioRead\":2048,\"ioWritten\":0,\"networkReceived\":5,\"networkTransmitted\":6,\"oomKills\":1,"
                + "\"pressure\":{\"cpu\":0.5},\"overheadMemory\":8192,\"overheadCpuNanos\":3000000}");
        assertThat(trefoil("info", "web1")).isZero();
        assertThat(out()).contains("Status:           running, usable\n", "Usable after:     1.8 s\n", "oom (signal 9)", "Ports:            53:53/udp\n",
                "Command:          /bin/?[31msh\n", "  Memory:         1 GiB\n", "  Network in:     100 Mbit/s\n", "  CPU time:       2.5 s\n",
                "  Memory:         100 MiB of 1 GiB, working set 50 MiB\n", "  Out of memory:  1 processes killed\n", "  Pressure:       CPU 0.5 %\n",
                "  Trefoil's own:  8 KiB (what the daemon holds, divided by the servers that run), CPU time 3 ms\n");
        assertThat(trefoil("info", "web1", "-f", "json")).isZero();
        assertThat(out()).startsWith("{\n  \"name\": \"web1\",");
        assertThat(trefoil("info", "web1", "web2")).isEqualTo(2);
    }

    @Test
    void missingServersAreFailuresNotUsageErrors() {
        daemon.refuse("GET /1.0/servers/a", 404, "{\"code\":\"not-found\",\"status\":404,\"message\":\"there is no server a\",\"next\":\"trefoil list\"}");
        assertThat(trefoil("info", "a")).isEqualTo(1);
        assertThat(err()).isEqualTo("error: there is no server a\ntry: trefoil list\n");
        assertThat(trefoil("--debug", "info", "a")).isEqualTo(1);
        assertThat(err()).contains("GET /1.0/servers/a -> 404", "ApiException");
    }

    @Test
    void explainListsSteps() {
        daemon.answer("POST /1.0/plan", "[{\"where\":\"host\",\"call\":\"clone3({CLONE_NEWUSER})\",\"why\":\"ids\"}]");
        assertThat(trefoil("explain", "busybox", "x", "-f", "compact", "--memory", "1G")).isZero();
        assertThat(out()).isEqualTo("WHERE  CALL                     WHY\nhost   clone3({CLONE_NEWUSER})  ids\n");
        assertThat(daemon.requests()).hasSize(1);
        assertThat(trefoil("explain", "busybox", "x")).isZero();
        assertThat(out()).isEqualTo(" 1  host    clone3({CLONE_NEWUSER})\n            # ids\n");
    }

    @Test
    void renameAndDoctorAndQuery() {
        daemon.answer("POST /1.0/servers/a/rename", SERVER);
        assertThat(trefoil("rename", "a", "web1")).isZero();
        assertThat(daemon.requests().getFirst().text()).isEqualTo("{\"name\":\"web1\"}");

        daemon.answer("GET /1.0/doctor", "[{\"check\":\"nft\",\"level\":\"ok\",\"message\":\"there\"},{\"check\":\"disk\",\"level\":\"warning\",\"message\":\"low\",\"next\":\"rm\"}]");
        assertThat(trefoil("doctor")).isZero();
        assertThat(out()).isEqualTo("ok       nft: there\nwarning  disk: low\n         try: rm\n");
        daemon.answer("GET /1.0/doctor", "[{\"check\":\"nft\",\"level\":\"error\",\"message\":\"gone\",\"next\":\"apt-get install nftables\"}]");
        assertThat(trefoil("doctor", "-f", "csv")).isEqualTo(1);
        assertThat(out()).isEqualTo("error,nft,gone,apt-get install nftables\n");

        daemon.answer("GET /1.0/servers", "[]").answerAsync("PUT /1.0/servers/a/state", RUNNING);
        assertThat(trefoil("query", "/1.0/servers?x=y")).isZero();
        assertThat(out()).isEqualTo("[]\n");
        assertThat(trefoil("query", "-X", "put", "-d", "{\"action\":\"stop\"}", "--raw", "/1.0/servers/a/state")).isZero();
        assertThat(out()).isEqualTo(RUNNING + "\n");
        assertThat(trefoil("query", "servers")).isEqualTo(2);
        assertThat(trefoil("query", "/1.0/a b")).isEqualTo(2);
    }

    @Test
    void topMeasuresBetweenTwoAnswers() {
        int[] asked = {0};
        daemon.on("GET /1.0/usage", (request, out) -> {
            long n = asked[0]++;
            FakeDaemon.json(out, 200, "{\"type\":\"sync\",\"status\":200,\"metadata\":[{\"name\":\"web1\",\"at\":" + (1000 + n * 2000) + ",\"cpuNanos\":" + n * 500_000_000
                    + ",\"memory\":1048576,\"memoryWorkingSet\":1,\"swap\":0,\"processes\":3,\"disk\":0,\"ioRead\":" + n * 4096 + ",\"ioWritten\":0,\"networkReceived\":" + n * 2048
                    + ",\"networkTransmitted\":0,\"oomKills\":0,\"overheadMemory\":8192,\"overheadCpuNanos\":0}]}");
        });
        daemon.answer("GET /1.0/servers", "[" + SERVER + "]");
        daemon.answer("GET /1.0/resources", "{\"cpus\":2,\"memory\":1073741824,\"memoryAvailable\":536870912}");
        assertThat(trefoil("top", "--once")).isZero();
        assertThat(out()).contains("host: 2 CPUs 0 % busy, memory 512 MiB of 1 GiB used",
                "web1  os    running  25    1 MiB                 2 KiB  1 KiB     0 B        3      8 KiB        0\n");
        asked[0] = 0;
        assertThat(trefoil("top", "-f", "json")).isZero();
        assertThat(out()).contains("\"cpuPercent\": 25,");
        assertThat(trefoil("top", "-s", "colour")).isEqualTo(2);
    }
}
