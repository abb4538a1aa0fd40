package trefoil.daemon.lifecycle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import trefoil.container.Container;
import trefoil.container.ContainerException;
import trefoil.container.ContainerFiles;
import trefoil.container.ExecSpec;
import trefoil.daemon.database.DatabaseException;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.machine.GuestContainer;
import trefoil.linux.FileDescriptor;

/**
 * Finds out when a server that runs can be worked with. It has an address (when it is on a network), and its init has
 * done its work: systemd says so itself ({@code systemctl is-system-running --wait}: running, or degraded when some
 * unit failed); busybox's init has started what is on the console; of any other process 1 nobody can know more than that
 * it lives on. One virtual thread for each start; it ends with the server's.
 */
final class Readiness {
    private static final System.Logger LOG = System.getLogger(Readiness.class.getName());
    /** After so long nobody looks any more. */
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(15);
    private static final long FIRST_LOOK_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 250;
    /** A process 1 of unknown kind counts when it has lived so long. */
    private static final long LIFE_SIGN_MILLIS = 150;
    /** busybox's init without any output counts after this. */
    private static final long SILENCE_MILLIS = 1500;

    /** systemd is given so long to tell its jobs. */
    private static final long JOBS_MILLIS = 3000;
    private static final int MOST_JOBS = 5;

    private final Facilities f;

    Readiness(Facilities facilities) {
        this.f = facilities;
    }

    /** Begins to watch a run. */
    void watch(ServerEntry entry, Run run) {
        f.background().start("watching " + entry.record().name(), () -> look(entry, run));
    }

    private void look(ServerEntry entry, Run run) throws InterruptedException {
        long begun = System.nanoTime();
        long pause = FIRST_LOOK_MILLIS;
        if (entry.record().place() != null) {
            run.hindrance("it has no address yet");
        }
        while (!run.awaitEnd(pause) && System.nanoTime() - begun < PATIENCE_NANOS) {
            if (ready(entry, run)) {
                usable(entry, run);
                return;
            }
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    private boolean ready(ServerEntry entry, Run run) throws InterruptedException {
        ServerRecord record = entry.record();
        try {
            if (run.container() instanceof GuestContainer guest) {
                return guestDone(record, run, guest);
            }
            if (run.addresses().isEmpty()) {
                addresses(record, run);
            }
            return addressed(record, run) && initDone(record, run);
        } catch (IOException e) {
            // Most likely it has just ended and its end is about to be told.
            if (!run.awaitEnd(LONGEST_PAUSE_MILLIS)) {
                run.hindrance("it could not be looked into: " + e.getMessage());
                LOG.log(Level.DEBUG, "cannot tell whether a server is usable", e);
            }
            return false;
        }
    }

    /** The initial RAM disk gives a machine its addresses before its agent speaks. */
    private static boolean guestDone(ServerRecord record, Run run, GuestContainer guest) throws IOException, InterruptedException {
        run.hindrance("its kernel is still booting");
        if (guest.paused()) {
            run.hindrance("it is paused");
            return false;
        }
        String init = guest.status().init();
        if (init.isEmpty()) {
            return false;
        }
        if (record.place() != null && run.addresses().isEmpty()) {
            run.addresses(record.place().addresses());
        }
        return !init.endsWith("/systemd") || systemdOfGuest(run);
    }

    private static boolean systemdOfGuest(Run run) throws IOException, InterruptedException {
        run.hindrance("systemd is still booting");
        String waited = "until [ -S /run/systemd/private ]; do sleep 0.2; done; systemctl is-system-running --wait";
        String state = ask(run, List.of("sh", "-c", waited), TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
        run.hindrance("systemd says: " + (state.isEmpty() ? "nothing" : state));
        return state.equals("running") || state.equals("degraded");
    }

    private static boolean addressed(ServerRecord record, Run run) {
        return record.place() == null || !run.addresses().isEmpty();
    }

    private void addresses(ServerRecord record, Run run) throws IOException {
        if (record.place() == null) {
            return;
        }
        try (FileDescriptor namespace = run.container().networkNamespace()) {
            List<String> now = f.networks().host().addresses(namespace);
            if (!now.isEmpty()) {
                run.addresses(now);
            }
        }
    }

    private boolean initDone(ServerRecord record, Run run) throws IOException, InterruptedException {
        Container container = run.container();
        if (container.paused()) {
            run.hindrance("it is paused");
            return false;
        }
        return switch (kind(container.pid(), record)) {
            case "systemd" -> systemd(run);
            case "busybox" -> {
                run.hindrance("its init has not started anything on the console yet");
                yield System.currentTimeMillis() - container.startedAt() > SILENCE_MILLIS || consoleSpoke(record);
            }
            default -> {
                run.hindrance("its process 1 has only just started");
                yield System.currentTimeMillis() - container.startedAt() > LIFE_SIGN_MILLIS;
            }
        };
    }

    /** The program that process 1 runs, by the last part of its path: what {@code /proc/PID/exe} leads to. */
    private static String kind(int pid, ServerRecord record) {
        if (!record.command().isEmpty()) {
            return "command";
        }
        try {
            Path program = Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe")).getFileName();
            return program == null ? "" : program.toString();
        } catch (IOException e) {
            return ""; // it is gone or not there yet; the run's end tells
        }
    }

    private boolean consoleSpoke(ServerRecord record) throws IOException {
        return ConsoleLog.sinceBoot(f.servers().resolve(record.name())).length > 0;
    }

    private boolean systemd(Run run) throws IOException, InterruptedException {
        run.hindrance("systemd is still booting");
        if (!listens(run.container())) {
            return false;
        }
        String state = ask(run, List.of("systemctl", "is-system-running", "--wait"), TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
        run.hindrance("systemd says: " + (state.isEmpty() ? "nothing" : state));
        return state.equals("running") || state.equals("degraded");
    }

    /** Whether systemd answers yet. */
    private static boolean listens(Container container) throws ContainerException {
        try (ContainerFiles files = container.files()) {
            files.stat("/run/systemd/private");
            return true;
        } catch (ContainerException e) {
            throw e;
        } catch (IOException e) {
            return false; // not there yet
        }
    }

    /** What a run still lacks to be usable, and, of systemd, which of its jobs are not done: for a person who has waited in vain. */
    static String lacking(Run run) throws InterruptedException {
        String words = run.hindrance();
        if (!words.startsWith("systemd")) {
            return words;
        }
        try {
            String jobs = ask(run, List.of("systemctl", "list-jobs", "--no-legend", "--plain"), JOBS_MILLIS);
            return words + unfinished(jobs);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "systemd does not tell its jobs", e);
            return words;
        }
    }

    /** The units of the jobs that run, from lines of number, unit, kind and state; those that wait for others are many and say little. */
    static String unfinished(String jobs) {
        List<String> running = jobs.lines().map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length == 4 && words[3].equals("running"))
                .map(words -> words[1])
                .toList();
        if (running.isEmpty()) {
            return "";
        }
        String more = running.size() > MOST_JOBS ? " and " + (running.size() - MOST_JOBS) + " more" : "";
        return ", not done yet: " + String.join(", ", running.subList(0, Math.min(MOST_JOBS, running.size()))) + more;
    }

    private static String ask(Run run, List<String> command, long millis) throws IOException, InterruptedException {
        ExecSpec spec = new ExecSpec(command, Map.of(), "root", "/", false, 80, 24);
        try (Container.Process process = run.container().exec(spec)) {
            process.closeInput();
            // The guest may never answer; a pause or the end of the run must not leave this thread behind.
            Thread guard = Thread.ofVirtual().start(() -> endWithRun(run, process, millis));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[256];
            for (int n = process.read(buffer); n >= 0 && out.size() < 1024; n = process.read(buffer)) {
                out.write(buffer, 0, n);
            }
            process.await();
            guard.interrupt();
            return out.toString(StandardCharsets.UTF_8).strip();
        }
    }

    private static void endWithRun(Run run, Container.Process process, long millis) {
        try {
            run.awaitEnd(millis);
            process.close();
        } catch (InterruptedException e) {
            LOG.log(Level.TRACE, "answered in time");
        }
    }

    private void usable(ServerEntry entry, Run run) throws InterruptedException {
        try (Turn.Hold _ = entry.turn().take("noting that it is usable")) {
            if (entry.run() != run || run.over()) {
                return;
            }
            ServerRecord record = entry.record();
            if (record.usableAfterMillis() == null) {
                ServerRecord usable = record.usable(Math.max(0, System.currentTimeMillis() - record.started()));
                try {
                    f.database().transaction(s -> {
                        Kept.save(s, usable);
                        return null;
                    });
                } catch (DatabaseException e) {
                    // It is usable all the same; the next daemon looks again.
                    LOG.log(Level.WARNING, "could not keep that " + record.name() + " is usable", e);
                }
                entry.record(usable);
            }
            run.makeUsable();
            f.events().lifecycle(
                    Starter.path(record), "server-usable",
                    Map.of("name", record.name(), "afterMillis", String.valueOf(entry.record().usableAfterMillis())));
        }
    }
}
