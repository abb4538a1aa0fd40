package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.Map;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ExitRecord;
import trefoil.api.ServerStatus;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;

/** Deletes servers. A deletion that was begun is carried out, by the next daemon if need be. */
final class Removal {
    private static final long KILL_MILLIS = 15_000;

    private final Facilities f;
    private final Starter starter;
    private final Remedies remedies;

    Removal(Facilities facilities, Starter starter, Remedies remedies) {
        this.f = facilities;
        this.starter = starter;
        this.remedies = remedies;
    }

    /** Refuses early what {@link #delete(ServerEntry)} would refuse later. */
    void check(ServerEntry entry, boolean force) {
        ServerRecord record = entry.record();
        if (record.alive() && !force) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + record.name() + " is " + record.status() + "; only a stopped server is deleted",
                    "trefoil stop " + record.name() + ", or: trefoil delete --force " + record.name());
        }
    }

    /** Kills it when it runs, then deletes it. The caller holds the turn. */
    void delete(ServerEntry entry, boolean force, Endings endings) throws IOException, InterruptedException {
        check(entry, force);
        entry.restarts().reset();
        Run run = entry.run();
        if (run != null) {
            run.asked("kill");
            run.container().kill();
            if (!run.awaitEnd(KILL_MILLIS)) {
                throw new ApiException(
                        ErrorCode.TIMEOUT, "the processes of " + entry.record().name() + " did not end within "
                                + KILL_MILLIS / 1000 + " s of being killed: one may hang in the kernel", "trefoil doctor");
            }
            deleteEnded(entry, run, endings.exitRecord(run));
        } else {
            delete(entry);
        }
    }

    /** Takes note of a server's end, tells it, and deletes the server, all in one change. The caller holds the turn. */
    void deleteEnded(ServerEntry entry, Run run, ExitRecord exit) throws IOException {
        if (run.settled()) {
            delete(entry);
            return;
        }
        ServerRecord stopped = entry.record().ended(exit);
        try {
            delete(entry, stopped, change -> starter.tell(entry, stopped, change, new Deed.Delete(stopped)));
        } finally {
            if (!entry.record().alive()) { // it is kept that it has ended, whatever became of its deletion
                starter.over(entry, run, stopped);
            }
        }
    }

    /** Deletes a stopped server. The caller holds the turn. */
    void delete(ServerEntry entry) throws IOException {
        ServerRecord record = entry.record();
        delete(entry, record, change -> change.intend(new Deed.Delete(record)));
    }

    /** Writes the deletion down. */
    @FunctionalInterface
    private interface Intent {
        void in(UndoJournal.Change change) throws IOException;
    }

    private void delete(ServerEntry entry, ServerRecord record, Intent intent) throws IOException {
        UndoJournal.Change change = f.journal().begin("deleting " + record.name());
        boolean done = false;
        try {
            intent.in(change);
            f.meter().charge(entry.overheadNanos(), () -> {
                remedies.remove(record);
                return null;
            });
            change.commit(s -> Kept.deleteServer(s, record.name()));
            done = true;
        } catch (IOException e) {
            change.leave();
            entry.doom();
            starter.keep(entry, record.status(
                    ServerStatus.ERROR, "it could not be deleted wholly: " + e.getMessage() + "; delete it again"));
            throw e;
        } finally {
            if (!done) {
                change.leave();
            }
        }
        f.registry().remove(record.name(), entry);
        f.ledger().release(record.name());
        f.ledger().forget(record.name());
        f.events().lifecycle(Starter.path(record), "server-deleted", Map.of("name", record.name()));
    }
}
