package trefoil.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** What a Trefoil with a state directory of its own has on this machine: found by the directory's path and by its tag. */
final class Leftovers {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final int CGROUP_DEPTH = 3;

    /** Place of {@code starttime} behind the process's name. */
    private static final int STARTED = 19;

    private final Path directory;
    private final String tag;
    private final Set<String> keepers = ConcurrentHashMap.newKeySet();

    Leftovers(Path directory) {
        this.directory = directory;
        this.tag = tag(directory);
    }

    /** The first six hexadecimal digits of the SHA-256 of the directory's path: in names of cgroups, bridges and tables. */
    static String tag(Path directory) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(directory.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 3);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Everything that is there, described. */
    List<String> found() {
        List<String> found = new ArrayList<>();
        processes().forEach(pid -> found.add("process " + pid + ": " + commandLine(pid)));
        mounts().forEach(mount -> found.add("mount " + mount));
        loops().forEach(loop -> found.add("loop device " + loop));
        cgroups().forEach(group -> found.add("cgroup " + group));
        links().forEach(link -> found.add("network link " + link));
        tables().forEach(table -> found.add("nftables table " + table));
        return found;
    }

    /** Waits for processes that are on their way out. */
    void awaitEnd() {
        try {
            Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(50)).until(() -> processes().isEmpty());
        } catch (ConditionTimeoutException e) {
            // found() will name them
        }
    }

    /** Processes that carry the directory in their environment or command line, or live in its cgroups, and the keepers. */
    List<Long> processes() {
        noteKeeper();
        List<Long> pids = new ArrayList<>();
        for (Path entry : list(Path.of("/proc"))) {
            String name = entry.getFileName().toString();
            if (name.chars().allMatch(Character::isDigit) && isOurs(entry)) {
                pids.add(Long.valueOf(name));
            }
        }
        return pids;
    }

    private boolean isOurs(Path process) {
        String state = octets(process.resolve("stat"));
        boolean zombie = state.contains(") Z ");
        return !zombie
                && Long.parseLong(process.getFileName().toString()) != ProcessHandle.current().pid()
                && (octets(process.resolve("environ")).contains("TREFOIL_DIR=" + directory + "\0")
                        || octets(process.resolve("cmdline")).contains(directory + "/")
                        || keepers.contains(identity(process))
                        || octets(process.resolve("cgroup")).contains("trefoil-" + tag));
    }

    /** Remembers the keeper while its file is there: nothing that the kernel shows of it names the directory. */
    void noteKeeper() {
        String pid = octets(directory.resolve("run/keeper.pid")).strip();
        Path process = Path.of("/proc", pid.isEmpty() ? "none" : pid);
        if (octets(process.resolve("comm")).strip().equals("trefoil-keeper")) {
            keepers.add(identity(process));
        }
    }

    /** A process's number and the time of its start, proc_pid_stat(5). */
    private static String identity(Path process) {
        String[] fields = octets(process.resolve("stat")).replaceFirst(".*\\) ", "").split(" ");
        return process.getFileName() + " " + (fields.length > STARTED ? fields[STARTED] : "");
    }

    /** A process's command line, words separated by spaces. */
    static String commandLine(long pid) {
        return octets(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ').strip();
    }

    private List<String> mounts() {
        return octets(Path.of("/proc/self/mountinfo")).lines()
                .map(line -> line.split(" ")[4])
                .filter(point -> point.equals(directory.toString()) || point.startsWith(directory + "/"))
                .toList();
    }

    private List<String> loops() {
        return list(Path.of("/sys/block")).stream()
                .filter(device -> device.getFileName().toString().startsWith("loop"))
                .filter(device -> octets(device.resolve("loop/backing_file")).startsWith(directory + "/"))
                .map(device -> "/dev/" + device.getFileName())
                .toList();
    }

    private List<Path> cgroups() {
        String mine = run("find", CGROUPS.toString(), "-maxdepth", String.valueOf(CGROUP_DEPTH), "-ignore_readdir_race", "-type", "d", "-name", "trefoil-" + tag);
        return mine.lines().filter(line -> line.startsWith(CGROUPS + "/")).map(Path::of).toList(); // others make and remove groups meanwhile
    }

    /** Control groups of any kind, those of servers and those that the daemon has begun ahead of need, and the processes in them. */
    Map<String, Set<Long>> groups() {
        Map<String, Set<Long>> groups = new TreeMap<>();
        for (Path kind : cgroups()) {
            list(kind).stream().filter(Files::isDirectory).forEach(group -> octets(group.resolve("cgroup.procs"))
                    .lines()
                    .map(Long::valueOf)
                    .forEach(groups.computeIfAbsent(group.getFileName().toString(), name -> new TreeSet<>())::add));
        }
        return groups;
    }

    /** The host's ends of servers' network cables. */
    List<String> cables() {
        return links().stream().filter(link -> !Files.exists(Path.of("/sys/class/net", link, "bridge"))).toList();
    }

    private List<String> links() {
        return list(Path.of("/sys/class/net")).stream()
                .map(link -> link.getFileName().toString())
                .filter(link -> link.contains(tag))
                .toList();
    }

    private List<String> tables() {
        return run("nft", "list", "tables").lines().filter(line -> line.contains(tag)).toList();
    }

    /** Removes everything, by force. */
    void remove() {
        for (int round = 0; round < 5 && !processes().isEmpty(); round++) {
            for (long pid : processes()) {
                ProcessHandle.of(pid).ifPresent(process -> {
                    process.destroyForcibly();
                    process.onExit().completeOnTimeout(null, 2, TimeUnit.SECONDS).join();
                });
            }
        }
        mounts().reversed().forEach(mount -> run("umount", "-l", mount));
        loops().forEach(loop -> run("losetup", "-d", loop));
        links().forEach(link -> run("ip", "link", "delete", link));
        tables().forEach(table -> run("nft", "delete", table.substring("table ".length()).split(" ")[0], table));
        cgroups().forEach(group -> run("find", group.toString(), "-depth", "-type", "d", "-delete"));
        if (mounts().isEmpty()) {
            delete(directory);
        }
    }

    private static void delete(Path tree) {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // gone already
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while running " + String.join(" ", command), e);
        }
    }

    private static List<Path> list(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            return all.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Text of a file of the kernel; empty where it is gone. */
    private static String octets(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
