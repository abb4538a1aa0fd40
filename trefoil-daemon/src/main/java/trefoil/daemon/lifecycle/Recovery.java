package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import trefoil.api.ApiException;
import trefoil.api.ServerStatus;
import trefoil.container.Container;
import trefoil.container.ContainerSpec;
import trefoil.container.Exit;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.ServerRecord;

/** Takes up, at the daemon's start, what an earlier daemon left: unfinished changes, running servers, orphaned files. */
final class Recovery {
    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String BOOT_FACT = "boot";
    private static final String ORPHANS = "orphans";

    private final Facilities f;
    private final Starter starter;
    private final Endings endings;
    private final Readiness readiness;

    Recovery(Facilities facilities, Starter starter, Endings endings, Readiness readiness) {
        this.f = facilities;
        this.starter = starter;
        this.endings = endings;
        this.readiness = readiness;
    }

    /** Sets right, loads and adopts; returns when every server is known for what it is. @return what could not be set right */
    List<String> run() throws IOException, InterruptedException {
        refuseNewDatabaseOfOldServers();
        if (f.database().transaction(Kept::anyAlive)) {
            f.background().start("opening the container engine", f.engine()::get); // beside what follows; who needs it waits
        }
        List<String> failures = new ArrayList<>(f.journal().recover());
        List<ServerRecord> records = f.database().transaction(Kept::servers);
        for (ServerRecord record : records) {
            f.registry().load(record);
            f.ledger().upholdDisk(record.name(), record.config().limits().disk());
        }
        sweep(failures);
        adoptAll(sameBoot());
        return failures;
    }

    /** What need not hold up the first request: networks, forwards, servers that start with the daemon. */
    void finish() throws InterruptedException {
        try {
            networks();
        } catch (IOException | ApiException e) {
            LOG.log(Level.ERROR, "could not bring the networks up", e);
            f.events().warning("/1.0/networks", "networks-failed", String.valueOf(e.getMessage()));
        }
        for (ServerEntry entry : f.registry().made()) {
            autostart(entry);
        }
    }

    private boolean sameBoot() throws IOException {
        // In one read: a sysctl's second read finds nothing.
        String now = Files.readAllLines(BOOT_ID).getFirst();
        return f.database().transaction(s -> {
            boolean same = now.equals(Kept.fact(s, BOOT_FACT));
            Kept.fact(s, BOOT_FACT, now);
            return same;
        });
    }

    /** A database without its first fact was made a moment ago: servers' directories beside it mean that the real one is gone. */
    private void refuseNewDatabaseOfOldServers() throws IOException {
        boolean used = f.database().transaction(s -> Kept.fact(s, BOOT_FACT)) != null;
        try (Stream<Path> directories = Files.list(f.servers())) {
            List<String> servers = directories.map(directory -> directory.getFileName().toString()).sorted().toList();
            if (!used && !servers.isEmpty()) {
                throw new IOException("the database is new, but " + f.servers() + " holds " + String.join(", ", servers)
                        + ": was trefoil.db deleted or emptied? Nothing was touched. Put it back; or, to begin anew, move those directories away");
            }
        }
    }

    /**
     * Sets aside directories of servers that nobody knows: a host that lost power may have lost their rows, and a database
     * that was put back from a copy may be older than they are. What the journal still has to set right is not such a one.
     */
    private void sweep(List<String> failures) throws IOException {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(f.servers())) {
            for (Path directory : directories) {
                String name = directory.getFileName().toString();
                if (f.registry().peek(name) == null && !f.journal().leaves(name)) {
                    setAside(directory, failures);
                }
            }
        }
    }

    private void setAside(Path directory, List<String> failures) {
        String name = directory.getFileName().toString();
        ContainerSpec remains = new ContainerSpec(
                name, directory, List.of(), List.of(), Map.of(), 0, trefoil.container.ResourceLimits.NONE, null, false);
        try {
            f.engine().get().clean(remains);
            Path orphans = Files.createDirectories(f.servers().resolveSibling(ORPHANS));
            Files.setPosixFilePermissions(orphans, PosixFilePermissions.fromString("rwx------"));
            Path aside = orphans.resolve(name + "." + System.currentTimeMillis());
            Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
            LOG.log(Level.WARNING, "{0} belongs to no server: it is {1} now; delete it if nobody misses it", directory, aside);
        } catch (IOException e) {
            failures.add(directory + " belongs to no server and could not be set aside: " + e.getMessage());
            LOG.log(Level.ERROR, "could not set " + directory + " aside", e);
        }
    }

    private void adoptAll(boolean sameBoot) throws IOException, InterruptedException {
        List<ServerEntry> alive =
                f.registry().made().stream().filter(entry -> entry.record().alive()).toList();
        if (alive.isEmpty()) {
            return;
        }
        List<Callable<Void>> adoptions = new ArrayList<>();
        for (ServerEntry entry : alive) {
            adoptions.add(() -> {
                adopt(entry, sameBoot);
                return null;
            });
        }
        // Platform threads: each adoption is system calls that wait for nothing, which a virtual thread would do on its carrier.
        ThreadFactory factory = Thread.ofPlatform().daemon().name("adoption-", 0).factory();
        try (ExecutorService threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), factory)) {
            for (Future<Void> adoption : threads.invokeAll(adoptions)) {
                adoption.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException("could not adopt: " + e.getCause(), e.getCause());
        }
    }

    private void adopt(ServerEntry entry, boolean sameBoot) throws IOException, InterruptedException {
        try (Turn.Hold _ = entry.turn().take("adopting it")) {
            ServerRecord record = entry.record();
            Run run = new Run();
            entry.run(run);
            f.ledger().uphold(record.name(), record.config().limits().memoryGuarantee());
            Optional<Container> found = f.engine().get().adopt(Specs.running(record, f.servers(), f.ledger()));
            if (found.isEmpty()) {
                gone(entry, run, sameBoot);
                return;
            }
            Container container = Machines.is(record) ? f.machines().adopted(record, found.get()) : found.get();
            run.container(container);
            if (container.alive()) {
                takeUp(entry, run, container);
            }
            // One that has ended since is told of by the engine; its end waits for this turn.
        }
    }

    private void takeUp(ServerEntry entry, Run run, Container container) {
        ServerRecord record = entry.record();
        ServerStatus now = container.paused() ? ServerStatus.PAUSED : ServerStatus.RUNNING;
        if (now != record.status()) {
            starter.keep(entry, record.status(now, null));
        }
        if (record.place() != null) {
            run.addresses(record.place().addresses());
        }
        if (record.usableAfterMillis() != null) {
            run.makeUsable();
        } else {
            readiness.watch(entry, run);
        }
    }

    /** Nobody knows how it ended: the host was rebooted, or the keeper was killed. */
    private void gone(ServerEntry entry, Run run, boolean sameBoot) throws IOException {
        run.end(new Exit(-1, 0));
        if (sameBoot || entry.record().config().ephemeral()) {
            endings.conclude(entry, run);
        } else {
            starter.settle(entry, run, endings.exitRecord(run));
        }
    }

    private void networks() throws IOException {
        Set<String> used = new TreeSet<>();
        boolean ports = false;
        for (ServerEntry entry : f.registry().made()) {
            ServerRecord record = entry.record();
            if (record != null && record.alive() && record.place() != null) {
                used.add(record.place().network());
                ports |= !record.config().ports().isEmpty();
            }
        }
        for (String network : used) {
            f.networks().ready(network);
        }
        if (ports) {
            starter.forwardsAnew();
        }
    }

    private void autostart(ServerEntry entry) throws InterruptedException {
        ServerRecord record = entry.record();
        if (record == null || !record.config().autostart() || record.alive() || entry.doomed()) {
            return;
        }
        try (Turn.Hold _ = entry.turn().take("starting it with the daemon")) {
            if (f.registry().peek(record.name()) == entry && !entry.record().alive()) {
                endings.startAgain(entry);
            }
        }
    }
}
