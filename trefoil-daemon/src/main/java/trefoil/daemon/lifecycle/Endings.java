package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ExitRecord;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerStatus;
import trefoil.container.Container;
import trefoil.container.Exit;
import trefoil.daemon.database.ServerRecord;

/** What happens when a server's process 1 ends: the note of it, then a restart, a deletion, or nothing. */
final class Endings {
    private static final System.Logger LOG = System.getLogger(Endings.class.getName());
    /** What a guest's own {@code reboot} and {@code poweroff} leave behind: reboot(2), "Behavior inside PID namespaces". */
    private static final int REBOOT = 1;
    private static final int POWER_OFF = 2;

    private final Facilities f;
    private final Starter starter;
    private final Removal removal;

    Endings(Facilities facilities, Starter starter, Removal removal) {
        this.f = facilities;
        this.starter = starter;
        this.removal = removal;
    }

    /** Told by the engine, on a thread that is there for it. */
    void ended(Container container, Exit exit) {
        String name = container.spec().name();
        f.background().here("taking note of the end of " + name, () -> take(name, container, exit));
    }

    private void take(String name, Container container, Exit exit) throws IOException, InterruptedException {
        ServerEntry entry = f.registry().peek(name);
        Run run = entry == null ? null : entry.run();
        if (run == null || !run.isOf(container)) {
            return; // an end that was taken note of, or of a start that was taken back
        }
        if (!run.usable() && exit.shellStatus() != 0) {
            run.lastWords(ConsoleLog.tail(container.spec().directory()));
        }
        run.end(entry.record() != null && Machines.is(entry.record()) && exit.status() == 0 ? new Exit(-1, POWER_OFF) : exit);
        try (Turn.Hold _ = entry.turn().take("taking note of its end")) {
            if (entry.run() == run && !run.settled() && entry.record() != null) {
                if (run.container() == null) {
                    run.container(container);
                }
                conclude(entry, run);
            }
        } finally {
            run.conclude();
        }
    }

    /** Takes note of the end and does what follows from it. The caller holds the turn. */
    void conclude(ServerEntry entry, Run run) throws IOException {
        ExitRecord exit = exitRecord(run);
        ServerRecord before = entry.record();
        long life = before.started() == null ? 0 : exit.at() - before.started();
        if (before.config().ephemeral() && !exit.cause().equals("reboot")) {
            removal.deleteEnded(entry, run, exit);
            return;
        }
        starter.settle(entry, run, exit);
        if (exit.cause().equals("reboot")) {
            f.events().lifecycle(Starter.path(before), "server-rebooted", Map.of("name", before.name()));
            startAgain(entry);
        } else if (restarts(before.config().restart(), exit) && !run.isAwaited()) {
            plan(entry, exit, life);
        }
    }

    /** How the run ended, and why. */
    ExitRecord exitRecord(Run run) {
        Exit exit = run.exit();
        String cause = cause(run, exit);
        return new ExitRecord(
                exit.status() >= 0 && exit.signal() == 0 ? exit.status() : null,
                exit.signal() != 0 ? exit.signal() : null, cause, System.currentTimeMillis());
    }

    private static String cause(Run run, Exit exit) {
        if (run.asked() != null) {
            return run.asked();
        }
        return switch (exit.signal()) {
            case REBOOT -> "reboot";
            case POWER_OFF -> "poweroff";
            default -> exit.outOfMemory() ? "oom" : "exit";
        };
    }

    private static boolean restarts(RestartPolicy policy, ExitRecord exit) {
        boolean byItself = exit.cause().equals("exit") || exit.cause().equals("oom");
        boolean failed = exit.signal() != null || exit.status() == null || exit.status() != 0;
        return byItself
                && switch (policy) {
                    case NEVER -> false;
                    case ON_FAILURE -> failed;
                    case ALWAYS -> true;
                };
    }

    private void plan(ServerEntry entry, ExitRecord exit, long life) {
        ServerRecord stopped = entry.record();
        Duration pause = entry.restarts().after(life);
        if (pause == null) {
            String reason = "its process 1 ended " + Restarts.MOST + " times in a row, each within a minute of its start; the last time with "
                    + words(exit) + "; its last words:\n" + ConsoleLog.tail(f.servers().resolve(stopped.name()));
            starter.keep(entry, stopped.status(ServerStatus.ERROR, reason));
            f.events().warning(Starter.path(stopped), "server-given-up", reason);
            return;
        }
        long epoch = entry.restarts().epoch();
        f.events().lifecycle(
                Starter.path(stopped), "server-restarting",
                Map.of("name", stopped.name(), "inMillis", String.valueOf(pause.toMillis())));
        f.delay().after(pause, () -> f.background().start("restarting " + stopped.name(), () -> restart(entry, epoch)));
    }

    private void restart(ServerEntry entry, long epoch) throws InterruptedException {
        try (Turn.Hold _ = entry.turn().take("restarting it")) {
            if (entry.restarts().epoch() == epoch && entry.record() != null && !entry.record().alive()
                    && f.registry().peek(entry.record().name()) == entry) {
                startAgain(entry);
            }
        }
    }

    /** Starts it; when that fails, the server says why. The caller holds the turn. */
    void startAgain(ServerEntry entry) {
        try {
            starter.start(entry);
        } catch (IOException | ApiException e) {
            ServerRecord record = entry.record();
            starter.keep(entry, record.status(ServerStatus.ERROR, "it could not be started again: " + e.getMessage()));
            f.events().warning(Starter.path(record), "server-start-failed", String.valueOf(e.getMessage()));
            LOG.log(Level.ERROR, "could not start " + record.name() + " again", e);
        }
    }

    /** An end in words. */
    static String words(ExitRecord exit) {
        return exit.signal() != null
                ? "signal " + exit.signal() + (exit.cause().equals("oom") ? ", for lack of memory" : "")
                : exit.status() != null ? "exit status " + exit.status() : "an unknown exit status";
    }

    /** The failure of a command that waited for a run which ended. */
    static ApiException endedTooSoon(String name, Run run) {
        Exit exit = run.exit();
        String how = exit.signal() == POWER_OFF
                ? "powered itself off"
                : exit.signal() != 0
                        ? "was ended by signal " + exit.signal() + (exit.outOfMemory() ? ", for lack of memory" : "")
                        : exit.status() < 0 ? "ended" : "ended with exit status " + exit.status();
        ErrorCode code = ErrorCode.SERVER_ENDED;
        return new ApiException(new ApiError(
                code.word(), code.httpStatus(), "server " + name + " did not stay up: its process 1 " + how,
                exit.outOfMemory()
                        ? "give it more: trefoil set " + name + " memory=SIZE; then trefoil start " + name
                        : "look at what it said: trefoil logs " + name + "; then trefoil start " + name + ", or trefoil delete " + name,
                run.lastWords().isEmpty() ? null : run.lastWords()));
    }
}
