package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.Map;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.container.Container;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.operation.OperationRun;

/** The commands start, stop, restart, pause and resume. */
final class Power {
    private static final int NORMAL_TIMEOUT_SECONDS = 30;
    private static final int LONGEST_TIMEOUT_SECONDS = 3600;
    private static final long KILL_MILLIS = 15_000;
    /** A start counts as failed when process 1 ends badly within this time. */
    private static final long LIFE_SIGN_MILLIS = 100;

    private final Facilities f;
    private final Starter starter;
    private final Endings endings;
    private final Removal removal;

    Power(Facilities facilities, Starter starter, Endings endings, Removal removal) {
        this.f = facilities;
        this.starter = starter;
        this.endings = endings;
        this.removal = removal;
    }

    /** Refuses what no state allows. */
    static void check(StateChange change) {
        if (change.action() == null) {
            throw Rules.bad("action", "it is missing; it can be start, stop, restart, pause or resume", null);
        }
        switch (change.action()) {
            case "start", "stop", "restart", "pause", "resume" -> {}
            default -> throw Rules.bad("action", "'" + change.action() + "' is not start, stop, restart, pause or resume", null);
        }
        Integer timeout = change.timeoutSeconds();
        if (timeout != null && (timeout < 0 || timeout > LONGEST_TIMEOUT_SECONDS)) {
            throw Rules.bad("timeoutSeconds", timeout + " is not from 0 to " + LONGEST_TIMEOUT_SECONDS, null);
        }
    }

    /** Does it. */
    void change(String name, StateChange change, OperationRun operation) throws IOException, InterruptedException {
        ServerEntry entry = f.registry().find(name);
        boolean killed = isKill(change) && kill(entry);
        String what = change.action() + " (" + operation.path() + ")";
        try (Turn.Hold _ = entry.turn().take(name, what, killed ? KILL_MILLIS : Turn.PATIENCE_MILLIS)) {
            if (f.registry().peek(name) != entry) {
                gone(name, killed && change.action().equals("stop"));
                return;
            }
            entry.restarts().reset();
            switch (change.action()) {
                case "start" -> start(entry);
                case "stop" -> stop(entry, change, killed, true);
                case "restart" -> restart(entry, change, killed);
                case "pause" -> pause(entry);
                case "resume" -> resume(entry);
                default -> check(change);
            }
        }
    }

    /** It went away while this command waited: well, for an ephemeral server that was to be stopped. */
    private void gone(String name, boolean asWanted) {
        if (!asWanted) {
            f.registry().find(name);
            throw new ApiException(ErrorCode.CONFLICT, "server " + name + " was deleted and made anew meanwhile", null);
        }
    }

    private static boolean isKill(StateChange change) {
        boolean ends = change.action().equals("stop") || change.action().equals("restart");
        return ends && Boolean.TRUE.equals(change.force()) && change.timeoutSeconds() == null;
    }

    /** Kills it without the turn: a forced stop helps against another command that waits for the guest. */
    private static boolean kill(ServerEntry entry) throws IOException {
        Run run = entry.run();
        if (run == null || run.container() == null || run.over()) {
            return false;
        }
        run.asked("kill");
        run.container().kill();
        return true;
    }

    private void start(ServerEntry entry) throws IOException, InterruptedException {
        ServerRecord record = entry.record();
        if (record.alive()) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + record.name() + " is already " + record.status(),
                    record.status() == ServerStatus.PAUSED ? "trefoil resume " + record.name() : null);
        }
        if (entry.doomed()) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + record.name() + " is half deleted", "trefoil delete " + record.name());
        }
        Run run = starter.start(entry);
        if (run.awaitEnd(LIFE_SIGN_MILLIS) && run.exit().shellStatus() != 0 && run.asked() == null
                && !endings.exitRecord(run).cause().equals("reboot")) {
            run.beginAwaited(); // its end is this command's affair, not the restart policy's
            endings.conclude(entry, run);
            throw Endings.endedTooSoon(record.name(), run);
        }
    }

    private void stop(ServerEntry entry, StateChange change, boolean killed, boolean deleteEphemeral)
            throws IOException, InterruptedException {
        ServerRecord record = entry.record();
        Run run = entry.run();
        if (run == null) {
            if (!killed) {
                alreadyStopped(entry);
            }
            return;
        }
        if (!run.over()) {
            end(record, run, change);
        }
        starter.settle(entry, run, endings.exitRecord(run));
        if (deleteEphemeral && record.config().ephemeral()) {
            removal.delete(entry);
        }
    }

    private void alreadyStopped(ServerEntry entry) {
        ServerRecord record = entry.record();
        if (record.status() == ServerStatus.ERROR && !entry.doomed()) {
            starter.keep(entry, record.status(ServerStatus.STOPPED, null));
            return;
        }
        throw new ApiException(ErrorCode.CONFLICT, "server " + record.name() + " is not running", null);
    }

    private static void end(ServerRecord record, Run run, StateChange change) throws IOException, InterruptedException {
        boolean force = Boolean.TRUE.equals(change.force());
        Container container = run.container();
        if (record.status() == ServerStatus.PAUSED && !force) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + record.name() + " is paused: it cannot act on a request to stop",
                    "trefoil resume " + record.name() + ", or: trefoil stop --force " + record.name());
        }
        int seconds = change.timeoutSeconds() != null ? change.timeoutSeconds() : force ? 0 : NORMAL_TIMEOUT_SECONDS;
        if (seconds > 0 && run.asked() == null) {
            run.asked("stop");
            container.askToPowerOff();
        }
        if (run.awaitEnd(seconds * 1000L)) {
            return;
        }
        if (!force) {
            throw new ApiException(
                    ErrorCode.TIMEOUT,
                    "server " + record.name() + " did not stop within " + seconds + " s of being asked: its init does not answer, or its services take longer",
                    "trefoil stop --timeout SECONDS " + record.name() + " to wait longer, or: trefoil stop --force " + record.name());
        }
        run.asked("kill");
        container.kill();
        if (!run.awaitEnd(KILL_MILLIS)) {
            throw new ApiException(
                    ErrorCode.TIMEOUT, "the processes of " + record.name() + " did not end within " + KILL_MILLIS / 1000
                            + " s of being killed: one may hang in the kernel", "trefoil doctor");
        }
    }

    private void restart(ServerEntry entry, StateChange change, boolean killed) throws IOException, InterruptedException {
        if (entry.run() == null && !killed) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + entry.record().name() + " is not running", "trefoil start " + entry.record().name());
        }
        stop(entry, change, killed, false);
        start(entry);
    }

    private void pause(ServerEntry entry) throws IOException {
        ServerRecord record = entry.record();
        if (record.status() != ServerStatus.RUNNING) {
            throw new ApiException(ErrorCode.CONFLICT, "server " + record.name() + " is " + record.status() + ", not running", null);
        }
        Container container = entry.run().container();
        f.meter().charge(entry.overheadNanos(), () -> {
            container.pause();
            return null;
        });
        starter.keep(entry, record.status(ServerStatus.PAUSED, null));
        f.events().lifecycle(Starter.path(record), "server-paused", Map.of("name", record.name()));
    }

    private void resume(ServerEntry entry) throws IOException {
        ServerRecord record = entry.record();
        if (record.status() != ServerStatus.PAUSED) {
            throw new ApiException(ErrorCode.CONFLICT, "server " + record.name() + " is " + record.status() + ", not paused", null);
        }
        Container container = entry.run().container();
        f.meter().charge(entry.overheadNanos(), () -> {
            container.resume();
            return null;
        });
        starter.keep(entry, record.status(ServerStatus.RUNNING, null));
        f.events().lifecycle(Starter.path(record), "server-resumed", Map.of("name", record.name()));
    }
}
