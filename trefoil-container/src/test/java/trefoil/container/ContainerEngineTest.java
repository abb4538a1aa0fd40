package trefoil.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine against the real kernel; needs root. */
class ContainerEngineTest {
    private static EngineFixture host;
    /** One that lives through all tests, for those that only look inside. */
    private static Container live;

    @BeforeAll
    static void open() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: namespaces and mounts");
        Assumptions.assumeTrue(Busybox.present(), "needs /bin/busybox (package busybox-static)");
        host = new EngineFixture();
        live = host.start("live", "/bin/sleep", "10000");
    }

    @AfterAll
    static void close() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private static String inside(String script) throws Exception {
        return EngineFixture.output(live, "/bin/sh", "-c", script);
    }

    private static ExecSpec exec(String user, boolean terminal, String... command) {
        return new ExecSpec(List.of(command), Map.of("COLOUR", "green"), user, null, terminal, 80, 24);
    }

    @ParameterizedTest
    @CsvSource({
        "exit 7, 7, 0",
        "exit 0, 0, 0",
        "poweroff -f, -1, 2",
        "reboot -f, -1, 1",
        "(sleep 10000 &) ; exit 3, 3, 0"
    })
    void tellsHowItsProcessOneEnded(String script, int status, int signal) throws Exception {
        String name = "end" + Integer.toHexString(script.hashCode() ^ status);
        host.start(name, "/bin/sh", "-c", "echo hi; " + script);
        assertThat(host.exit(name)).isEqualTo(new Exit(status, signal));
        assertThat(host.log(name)).contains("hi\r\n");
    }

    @Test
    void isKilledAtOnce() throws Exception {
        Container container = host.start("killed", "/bin/sh", "-c", "trap '' TERM INT; while true; do sleep 1; done");
        container.kill();
        assertThat(host.exit("killed")).isEqualTo(new Exit(-1, 9));
        assertThat(container.alive()).isFalse();
    }

    @Test
    void tellsThatALackOfMemoryEndedIt() throws Exception {
        ContainerSpec plain = host.spec("greedy", "/bin/sh", "-c", "exec dd if=/dev/zero of=/dev/null bs=200M count=1");
        ResourceLimits little = new ResourceLimits(null, null, null, 24L << 20, 0L, null, null, null);
        ContainerSpec greedy = new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), plain.command(), plain.environment(), plain.idBase(), little, null, false);
        host.engine.create(greedy);
        host.engine.start(greedy, ContainerEngine.NetworkSetup.NONE);
        Exit exit = host.exit("greedy");
        assertThat(exit.signal()).isEqualTo(9);
        assertThat(exit.outOfMemory()).as(exit + host.log("greedy")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "pid", "mnt", "uts", "ipc", "net", "cgroup", "time"})
    void hasItsOwnNamespaceAndExecutedCommandsEnterIt(String kind) throws Exception {
        String host = Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString();
        String init = Files.readSymbolicLink(Path.of("/proc/" + live.pid() + "/ns/" + kind)).toString();
        assertThat(init).isNotEqualTo(host);
        assertThat(inside("readlink /proc/self/ns/" + kind)).isEqualTo(init + "\n");
    }

    @Test
    void runsAsRootInsideAndAsNobodySpecialOutside() throws Exception {
        String base = Integer.toString(live.spec().idBase());
        assertThat(inside("id -u; id -g")).isEqualTo("0\n0\n");
        String status = Files.readString(Path.of("/proc/" + live.pid() + "/status"));
        assertThat(status).containsPattern("Uid:\\s+" + base + "\\s").containsPattern("Gid:\\s+" + base + "\\s");
        assertThat(status).containsPattern("Groups:\\s*\\n").containsPattern("Seccomp:\\s+2");
        assertThat(inside("cat /proc/self/uid_map").strip().split("\\s+")).containsExactly("0", base, "65536");
    }

    @Test
    void filesOfTheImageBelongToRootInsideAndChangesStayItsOwn() throws Exception {
        assertThat(inside("ls -ln /bin/busybox")).contains(" 0        0 ");
        assertThat(inside("echo changed > /etc/motd; rm /bin/date; ls /bin/date; cat /etc/motd")).contains("changed");
        assertThat(host.layer.resolve("etc/motd")).doesNotExist();
        assertThat(host.layer.resolve("bin/date")).isSymbolicLink();
        Path upper = live.spec().directory().resolve("upper/etc/motd");
        assertThat(Files.getAttribute(upper, "unix:uid")).isEqualTo(0);
    }

    private static Stream<String> onThisKernel(String... paths) {
        return Stream.of(paths).filter(path -> Files.exists(Path.of(path)));
    }

    static Stream<String> switchesOfTheHost() {
        return onThisKernel(
                "/proc/sys/kernel/core_pattern",
                "/proc/sys/kernel/modprobe",
                "/proc/sys/vm/overcommit_memory",
                "/proc/sys/vm/drop_caches",
                "/proc/sys/fs/file-max",
                "/proc/sys/kernel/sysrq",
                "/proc/sys/kernel/panic",
                "/sys/kernel/uevent_helper",
                "/sys/power/state");
    }

    @ParameterizedTest
    @MethodSource("switchesOfTheHost")
    void cannotWriteWhatIsTheHosts(String path) throws Exception {
        assertThat(inside("echo 1 > " + path)).endsWith("[1]").containsAnyOf("Permission denied", "Read-only", "can't create");
    }

    @Test
    void mayWriteSysctlsOfItsOwnNamespaces() throws Exception {
        assertThat(inside("echo 1 > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward")).isEqualTo("1\n");
    }

    static Stream<String> hiddenFiles() {
        return onThisKernel("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sysrq-trigger", "/proc/latency_stats");
    }

    @ParameterizedTest
    @MethodSource("hiddenFiles")
    void kernelInterfacesAreEmpty(String path) throws Exception {
        assertThat(inside("head -c 10 " + path)).isEmpty();
    }

    @Test
    void makesNoDeviceNodesAndReachesNoDisk() throws Exception {
        assertThat(inside("mknod /tmp/disk b 254 0; mknod /dev/kmem c 1 2")).contains("Operation not permitted");
        assertThat(inside("ls /dev").split("\\s+"))
                .containsExactlyInAnyOrder("console", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm",
                        "stderr", "stdin", "stdout", "tty", "urandom", "zero");
    }

    @Test
    void seesNoProcessAndNoMountOfTheHost() throws Exception {
        assertThat(inside("ls /proc | grep -c '^[0-9]'").strip()).isIn("3", "4", "5");
        assertThat(inside("cat /proc/self/mounts")).doesNotContain(" /boot").doesNotContain("/dev/vda");
        assertThat(inside("cat /proc/self/cgroup | grep '^0::'")).isEqualTo("0::/\n");
    }

    @Test
    void keepsDescriptorsOfNobody() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + live.pid() + "/fd"))) {
            assertThat(open.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("0", "1", "2");
        }
        assertThat(inside("ls /proc/self/fd").split("\\s+")).containsExactlyInAnyOrder("0", "1", "2", "3");
    }

    @Test
    void clocksBeginAtItsStart() throws Exception {
        double host = Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
        double inside = Double.parseDouble(inside("cat /proc/uptime").split(" ")[0]);
        assertThat(inside).isBetween(0.0, 60.0).isLessThan(host);
    }

    @Test
    void hasItsHostNameAndUsualLimits() throws Exception {
        assertThat(inside("hostname")).isEqualTo("live\n");
        assertThat(inside("ulimit -n")).isEqualTo("1024\n");
        assertThat(inside("ulimit -f")).isEqualTo("unlimited\n");
        assertThat(Files.readString(Path.of("/proc/" + live.pid() + "/status"))).contains("SigBlk:\t0000000000000000");
    }

    @Test
    void consoleEchoesAndIsLogged() throws Exception {
        Container container = host.start("console", "/bin/sh", "-c", "stty size; echo ready; read x; echo \"got $x\"");
        LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
        StringBuilder all = new StringBuilder();
        try (AutoCloseable watch = container.console().watch(data -> seen.add(new String(data, StandardCharsets.UTF_8)))) {
            assertThat(watch).isNotNull();
            while (!all.toString().contains("ready")) {
                all.append(seen.poll(10, TimeUnit.SECONDS));
            }
            container.console().write("word\n".getBytes(StandardCharsets.UTF_8));
            assertThat(host.exit("console")).isEqualTo(new Exit(0, 0));
        }
        assertThat(host.log("console")).contains("got word\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "root, 0, 0, 0, /root",
        "alice, 1000, 1000, 1000 29, /",
        "1000, 1000, 1000, 1000 29, /",
        "4242, 4242, 0, 0, /",
        "alice:audio, 1000, 29, 29, /",
        "33:33, 33, 33, 33, /"
    })
    void executesAsWhomItIsTold(String user, int uid, int gid, String groups, String directory) throws Exception {
        ExecSpec spec = exec(user, false, "/bin/sh", "-c", "id -u; id -g; id -G; pwd; echo $COLOUR");
        assertThat(EngineFixture.output(live, spec)).isEqualTo(uid + "\n" + gid + "\n" + groups + "\n" + directory + "\ngreen\n");
    }

    @Test
    void refusesAUserThatTheContainerDoesNotKnow() {
        assertThatThrownBy(() -> live.exec(exec("mallory", false, "id")))
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("mallory");
    }

    @Test
    void executedCommandsOfOtherUsersHoldNoCapability() throws Exception {
        ExecSpec spec = exec("alice", false, "grep", "CapEff", "/proc/self/status");
        assertThat(EngineFixture.output(live, spec)).isEqualTo("CapEff:\t0000000000000000\n");
    }

    @ParameterizedTest
    @CsvSource({
        "nothing-of-that-name, 127",
        "/no/such/program, 127",
        "/etc, 126",
        "/etc/passwd, 126"
    })
    void aCommandThatCannotBeExecutedEndsAsInAShell(String command, int status) throws Exception {
        try (Container.Process process = live.exec(exec("root", false, command))) {
            assertThat(process.await()).isEqualTo(new Exit(status, 0));
            assertThat(EngineFixture.all(process, true)).contains(command);
        }
    }

    @Test
    void tellsTheSignalThatEndedACommand() throws Exception {
        try (Container.Process process = live.exec(exec("root", false, "/bin/sleep", "1000"))) {
            process.signal(15);
            assertThat(process.await()).isEqualTo(new Exit(-1, 15));
        }
    }

    @Test
    void passesAMegabyteThroughWithoutLoss() throws Exception {
        byte[] sent = "0123456789abcdef".repeat(65_536).getBytes(StandardCharsets.US_ASCII);
        try (Container.Process process = live.exec(exec("root", false, "/bin/cat"))) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    process.write(sent, 0, sent.length);
                    process.closeInput();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(EngineFixture.all(process, false)).isEqualTo(new String(sent, StandardCharsets.US_ASCII));
            writer.join();
            assertThat(process.await()).isEqualTo(new Exit(0, 0));
        }
    }

    @Test
    void givesACommandATerminalOfTheContainersOwn() throws Exception {
        try (Container.Process process = live.exec(exec("alice", true, "/bin/sh", "-c", "tty; stty size; read x; echo [$x]; exit 4"))) {
            process.write("typed\n".getBytes(StandardCharsets.UTF_8), 0, 6);
            String output = EngineFixture.all(process, false);
            // The terminal's own echo of what was typed may stand anywhere between.
            assertThat(output).containsPattern("/dev/pts/\\d+\r\n").contains("24 80\r\n", "[typed]\r\n");
            assertThat(process.await()).isEqualTo(new Exit(4, 0));
        }
    }

    @Test
    void resizingATerminalTellsTheProgram() throws Exception {
        String script = "trap 'stty size; exit' WINCH; echo ready; while true; do sleep 0.1; done";
        try (Container.Process process = live.exec(exec("root", true, "/bin/sh", "-c", script))) {
            byte[] buffer = new byte[100];
            assertThat(process.read(buffer)).isPositive();
            process.resize(132, 43);
            assertThat(EngineFixture.all(process, false)).contains("43 132");
        }
    }

    @Test
    void aCommandThatWasLetGoOfTakesNoMoreOrders() throws Exception {
        Container.Process process = live.exec(exec("root", true, "/bin/sleep", "1000"));
        process.close();
        process.await();
        assertThatThrownBy(() -> process.resize(10, 10)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> process.write(new byte[1], 0, 1)).isInstanceOf(IOException.class);
    }

    @Test
    void aProgramsNameIsCutInMessages() throws Exception {
        String name = "x".repeat(100_000);
        try (Container.Process process = live.exec(exec("root", false, name))) {
            assertThat(process.await()).isEqualTo(new Exit(126, 0));
            assertThat(EngineFixture.all(process, true)).contains("xxx…: ", "ENAMETOOLONG").hasSizeLessThan(500);
        }
    }

    @Test
    void closingACommandKillsIt() throws Exception {
        Container.Process process = live.exec(exec("root", false, "/bin/sleep", "1000"));
        process.close();
        assertThat(process.await()).isEqualTo(new Exit(-1, 9));
    }

    /** Takes what is printed, as text. */
    private static final class Printed implements Container.Output {
        private final StringBuilder out = new StringBuilder();
        private final StringBuilder error = new StringBuilder();

        @Override
        public void out(byte[] data, int length) {
            out.append(new String(data, 0, length, StandardCharsets.UTF_8));
        }

        @Override
        public void error(byte[] data, int length) {
            error.append(new String(data, 0, length, StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '^', value = {
        "false^echo out; echo err >&2; exit 7^out^err^7",
        "false^exec >&-; exec 2>&-; exit 3^^^3",
        "false^kill -9 $$^^^137",
        "false^seq 100000 | md5sum^dea9193b768319cbb4ff1a137ac03113  -^^0",
        "true^echo out; echo err >&2; exit 7^out err^^7"
    })
    void carriesOutputToTheEnd(boolean terminal, String script, String out, String error, int status) throws Exception {
        try (Container.Process process = live.exec(exec("root", terminal, "/bin/sh", "-c", script))) {
            Printed printed = new Printed();
            assertThat(process.carry(printed, 10_000).shellStatus()).isEqualTo(status);
            assertThat(printed.out.toString().strip().replaceAll("\\s*\r\n", " ")).isEqualTo(out == null ? "" : out);
            assertThat(printed.error.toString().strip()).isEqualTo(error == null ? "" : error);
            assertThat(process.await().shellStatus()).isEqualTo(status);
        }
    }

    @Test
    void carriesNoLongerThanADescendantOfACommandSpeaks() throws Exception {
        try (Container.Process process = live.exec(exec("root", false, "/bin/sh", "-c", "echo first; sleep 5 & exit 5"))) {
            Printed printed = new Printed();
            assertThat(process.carry(printed, 50)).isEqualTo(new Exit(5, 0));
            assertThat(printed.out.toString()).isEqualTo("first\n");
        }
    }

    @Test
    void carriesTheWordsOfACommandThatCannotBeExecuted() throws Exception {
        try (Container.Process process = live.exec(exec("root", false, "/no/such/program"))) {
            Printed printed = new Printed();
            assertThat(process.carry(printed, 50)).isEqualTo(new Exit(127, 0));
            assertThat(printed.error.toString()).contains("/no/such/program");
        }
    }

    @Test
    void closingEndsACommandWhoseOutputIsCarried() throws Exception {
        Container.Process process = live.exec(exec("root", false, "/bin/sh", "-c", "echo there; exec sleep 1000"));
        Exit exit = process.carry(new Container.Output() {
            @Override
            public void out(byte[] data, int length) {
                process.close();
            }

            @Override
            public void error(byte[] data, int length) {}
        }, 10_000);
        assertThat(exit).isEqualTo(new Exit(-1, 9));
        assertThatThrownBy(() -> process.carry(new Printed(), 50)).isInstanceOf(IOException.class);
    }

    /** A zombie would keep the container's pid namespace from ending (pid_namespaces(7)). */
    @Test
    void leavesNoZombieBehind() throws Exception {
        Container.Process process = live.exec(exec("root", false, "/bin/true"));
        process.carry(new Printed(), 10_000);
        assertThat(Files.exists(Path.of("/proc/" + process.pid()))).isTrue();
        process.close();
        assertThat(Files.exists(Path.of("/proc/" + process.pid()))).isFalse();
    }

    @Test
    void worksWithoutPasswd() throws Exception {
        Container container = host.start("bare", "/bin/sh", "-c", "rm /etc/passwd /etc/group; ln -s /proc/1/environ /etc/passwd; sleep 1000");
        assertThat(EngineFixture.output(container, "id", "-u")).isEqualTo("0\n");
        container.kill();
        host.exit("bare");
    }

    @Test
    void pausesAndResumes() throws Exception {
        Container container = host.start("paused", "/bin/sleep", "1000");
        container.pause();
        assertThat(container.paused()).isTrue();
        assertThatThrownBy(() -> container.exec(exec("root", false, "id"))).hasMessageContaining("paused");
        container.resume();
        assertThat(container.paused()).isFalse();
        assertThat(EngineFixture.output(container, "echo", "on")).isEqualTo("on\n");
        container.pause();
        container.kill();
        assertThat(host.exit("paused")).isEqualTo(new Exit(-1, 9));
    }

    @Test
    void limitsHoldAndChangeAtRunTime() throws Exception {
        ContainerSpec plain = host.spec("limited", "/bin/sleep", "1000");
        ResourceLimits limits = new ResourceLimits(null, null, null, 64L << 20, null, 10L, null, null);
        ContainerSpec spec = new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), plain.command(), plain.environment(), plain.idBase(), limits, null, false);
        host.engine.create(spec);
        Container container = host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        String bomb = "i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done";
        assertThat(EngineFixture.output(container, "/bin/sh", "-c", bomb)).contains("fork");
        container.limits(new ResourceLimits(null, null, null, 128L << 20, null, 100L, null, null));
        assertThat(EngineFixture.output(container, "/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do /bin/true & done; wait; echo ok"))
                .isEqualTo("ok\n");
        assertThat(container.statistics().memory()).isPositive();
        assertThat(container.statistics().processes()).isPositive();
        container.kill();
        host.exit("limited");
    }

    @Test
    void aLimitedDiskFillsUpAndItsLoopDeviceGoesWithIt() throws Exception {
        ContainerSpec plain = host.spec("disk", "/bin/sleep", "1000");
        ContainerSpec spec = new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), plain.command(), plain.environment(), plain.idBase(),
                ResourceLimits.NONE, 32L << 20, false);
        host.engine.create(spec);
        Container container = host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        assertThat(EngineFixture.output(container, "cat", "/etc/hostname")).isEqualTo("disk\n");
        assertThat(EngineFixture.output(container, "dd", "if=/dev/zero", "of=/tmp/big", "bs=1M", "count=64"))
                .contains("No space left on device");
        assertThat(container.statistics().disk()).isBetween(16L << 20, 32L << 20);
        container.kill();
        host.exit("disk");
        host.engine.delete(spec);
        assertThat(spec.directory()).doesNotExist();
        try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
            assertThat(devices.map(device -> device.resolve("loop/backing_file")).filter(Files::exists))
                    .noneMatch(file -> read(file).contains(spec.directory().toString()));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // detached meanwhile
        }
    }

    @Test
    void theNetworkIsSetUpBeforeItRuns() throws Exception {
        ContainerSpec spec = host.created("net", "/bin/cat", "/proc/net/dev");
        List<String> seen = new ArrayList<>();
        host.engine.start(spec, namespace -> seen.add(Files.readSymbolicLink(Path.of(namespace.path())).toString()));
        assertThat(host.exit("net")).isEqualTo(new Exit(0, 0));
        assertThat(seen).hasSize(1).first().asString().startsWith("net:[");
        assertThat(host.log("net")).contains("lo:");
    }

    @Test
    void filesAreReachedFromOutside() throws Exception {
        try (ContainerFiles files = live.files()) {
            assertThat(files.stat("/bin/busybox").uid()).isZero();
            files.write("/tmp/sent", new java.io.ByteArrayInputStream("sent".getBytes(StandardCharsets.UTF_8)), 1000, 1000, 0640);
        }
        assertThat(inside("cat /tmp/sent; ls -ln /tmp/sent")).startsWith("sent").contains("1000     1000");
    }

    @Test
    void hasAnIdentityOfItsOwn() throws Exception {
        assertThat(inside("cat /etc/hostname")).isEqualTo("live\n");
        assertThat(inside("cat /etc/machine-id")).matches("[0-9a-f]{32}\n");
        assertThat(inside("grep live /etc/hosts")).isEqualTo("127.0.1.1\tlive\n");
        assertThat(host.layer.resolve("etc/hostname")).doesNotExist();
    }

    @Test
    void aRenamedContainerFollowsItsName() throws Exception {
        ContainerSpec old = host.created("before", "/bin/cat", "/etc/hostname", "/proc/sys/kernel/hostname");
        ContainerSpec renamed = new ContainerSpec(
                "after", old.directory(), old.layers(), old.command(), old.environment(), old.idBase(), old.limits(), null, false);
        host.engine.start(renamed, ContainerEngine.NetworkSetup.NONE);
        assertThat(host.exit("after")).isEqualTo(new Exit(0, 0));
        assertThat(host.log("before")).contains("after\r\nafter\r\n");
    }

    @Test
    void seesItsOwnMemory() throws Exception {
        ContainerSpec plain = host.spec("memory", "/bin/sleep", "1000");
        ResourceLimits limits = new ResourceLimits(null, null, null, 64L << 20, null, null, null, null);
        ContainerSpec spec = new ContainerSpec(
                plain.name(), plain.directory(), plain.layers(), plain.command(), plain.environment(), plain.idBase(), limits, null, false);
        host.engine.create(spec);
        Container container = host.engine.start(spec, ContainerEngine.NetworkSetup.NONE);
        assertThat(EngineFixture.output(container, "grep", "MemTotal", "/proc/meminfo").replaceAll("[^0-9]", "")).isEqualTo("65536");
        container.kill();
        host.exit("memory");
    }

    @Test
    void explainsAStartWithoutMakingAnything() throws Exception {
        List<Step> steps = ContainerEngine.explain(live.spec());
        assertThat(steps).extracting(Step::where).contains("host", "keeper", "child");
        assertThat(steps.getLast().call()).startsWith("execve(\"/bin/sleep\"");
        assertThat(steps).extracting(Step::call).anyMatch(call -> call.startsWith("pivot_root("));
    }

    @Test
    void startsTenAtOnce() throws Exception {
        List<ContainerSpec> specs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            specs.add(host.created("ten" + i, "/bin/sh", "-c", "exit " + i));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Container>> starts = new ArrayList<>();
            specs.forEach(spec -> starts.add(() -> host.engine.start(spec, ContainerEngine.NetworkSetup.NONE)));
            for (Future<Container> start : threads.invokeAll(starts)) {
                start.get();
            }
        }
        for (int i = 0; i < 10; i++) {
            assertThat(host.exit("ten" + i)).isEqualTo(new Exit(i, 0));
        }
    }

    @Test
    void theKeeperStaysSmall() {
        assertThat(host.engine.keeperMemory()).isBetween(4096L, 40L * 1024);
    }

    @Test
    void theKeeperIsNotRetiredWhileAContainerRuns() {
        assertThatThrownBy(() -> host.engine.retire()).isInstanceOf(ContainerException.class).hasMessageContaining("live");
    }
}
