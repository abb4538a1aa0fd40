package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The daemon is killed at random moments while servers are launched, started, stopped and deleted. The next one must find
 * every server whole or gone, and what a command was told must be so.
 *
 * <p>{@code -Dtrefoil.kill.rounds} and {@code -Dtrefoil.kill.seed} choose another loop; the profile {@code long-faults} runs a long one.
 */
@Order(14)
class KillLoopTest {
    private static final int ROUNDS = Integer.getInteger("trefoil.kill.rounds", 10);
    private static final long SEED = Long.getLong("trefoil.kill.seed", 20_261_122L);
    private static final List<String> NAMES = List.of("k1", "k2", "k3");
    private static final long LONGEST_MILLIS = 700;
    /** Directory of a server that is begun ahead of need. */
    private static final String BEGUN = "\\d+-begun";

    private final Random random = new Random(SEED);
    private Host host;

    /** What was asked for, of which server. */
    private record Work(String verb, String name) {
        List<String> words() {
            return switch (verb) {
                case "launch" -> List.of("launch", "busybox", name, "--wait", "none", "--restart", "never");
                case "stop" -> List.of("stop", name, "--force", "--timeout", "0");
                case "delete" -> List.of("delete", name, "--force");
                default -> List.of(verb, name);
            };
        }

        /** What is so of the server when it succeeded. */
        String result() {
            return switch (verb) {
                case "launch", "start" -> "running";
                case "stop" -> "stopped";
                default -> "gone";
            };
        }
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void everyServerIsWholeOrGone() throws IOException {
        try (Host own = Host.apart()) {
            host = own;
            host.trefoil("launch", "busybox", "lasting", "--wait", "none").ok();
            Map<String, Map<String, Object>> servers = host.servers();
            Object lasting = servers.get("lasting").get("pid");
            for (int round = 0; round < ROUNDS; round++) {
                String when = "round " + round + " of seed " + SEED;
                Map<Work, Outcome> told = killed(servers);
                servers = host.servers();
                whole(when + ", " + told.keySet(), servers);
                for (Map.Entry<Work, Outcome> work : told.entrySet()) {
                    keptItsWord(when, work.getKey(), work.getValue(), servers);
                }
                assertThat(servers.get("lasting")).as(when).containsEntry("status", "running").containsEntry("pid", lasting);
            }
            assertThat(host.trefoil("doctor", "--format", "json").objects())
                    .filteredOn(finding -> finding.get("check").equals("undo journal"))
                    .singleElement()
                    .satisfies(finding -> assertThat(String.valueOf(finding.get("message")).replaceAll("beginning " + BEGUN + " ahead of need \\((run|files)\\)[; ]*", ""))
                            .isIn("nothing is left unfinished", "unfinished: "));
            for (String name : servers.keySet()) {
                host.trefoil("delete", name, "--force").ok();
            }
            Awaitility.await("what was begun ahead of need, by whichever daemon, to go").atMost(Duration.ofSeconds(90))
                    .until(() -> below(host.directory().resolve("servers")).isEmpty());
        }
    }

    /** Two commands at once, on different servers, and an end of the daemon meanwhile. @return how the commands ended */
    private Map<Work, Outcome> killed(Map<String, Map<String, Object>> servers) {
        int one = random.nextInt(NAMES.size());
        int other = (one + 1 + random.nextInt(NAMES.size() - 1)) % NAMES.size();
        Map<Work, CompletableFuture<Outcome>> running = new LinkedHashMap<>();
        for (int i : new int[] {one, other}) {
            Work work = work(NAMES.get(i), servers.get(NAMES.get(i)));
            running.put(work, CompletableFuture.supplyAsync(() -> host.trefoil(work.words().toArray(String[]::new))));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextLong(LONGEST_MILLIS)));
        host.killDaemons();
        Map<Work, Outcome> ended = new LinkedHashMap<>();
        running.forEach((work, outcome) -> ended.put(work, outcome.join()));
        return ended;
    }

    private Work work(String name, Map<String, Object> server) {
        if (server == null) {
            return new Work("launch", name);
        }
        String otherwise = server.get("status").equals("running") ? "stop" : "start";
        return new Work(random.nextInt(3) == 0 ? "delete" : otherwise, name);
    }

    private static void keptItsWord(String when, Work work, Outcome outcome, Map<String, Map<String, Object>> servers) {
        if (outcome.status() == 0) {
            Map<String, Object> server = servers.get(work.name());
            assertThat(server == null ? "gone" : server.get("status"))
                    .as("%s: %s, which was told to have succeeded: %s", when, work, outcome)
                    .isEqualTo(work.result());
        }
    }

    private void whole(String when, Map<String, Map<String, Object>> servers) throws IOException {
        Map<String, Long> alive = new TreeMap<>();
        servers.forEach((name, server) -> {
            assertThat(server.get("status")).as("%s: %s", when, server).isIn("running", "stopped");
            if (server.get("status").equals("running")) {
                alive.put(name, ((Number) server.get("pid")).longValue());
                assertThat(Path.of("/proc/" + alive.get(name))).as("%s: %s", when, server).exists();
            }
        });
        Set<String> directories = below(host.directory().resolve("servers"));
        Set<String> begun = new TreeSet<>(directories);
        directories.removeIf(name -> name.matches(BEGUN)); // they go when nobody launches any more: see the end
        assertThat(directories).as(when + ": directories").isEqualTo(servers.keySet());
        Path orphans = host.directory().resolve("orphans");
        assertThat(Files.exists(orphans) ? below(orphans) : Set.of()).as("%s: directories that nobody knew; begun: %s", when, begun).isEmpty();
        host.awaitOnly(Set.copyOf(alive.values()), when);
        for (String name : alive.keySet()) {
            if (!name.equals("lasting")) {
                assertThat(host.trefoil("exec", name, "--", "cat", "/proc/1/comm").ok().out()).as(when).isEqualTo("init\n");
            }
        }
    }

    private static Set<String> below(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return new TreeSet<>(entries.map(entry -> entry.getFileName().toString()).toList());
        }
    }
}
