package trefoil.daemon.lifecycle;

import java.util.concurrent.atomic.AtomicLong;
import trefoil.daemon.database.ServerRecord;

/** A server, as the daemon knows it. Its record and run are changed only by whoever holds its turn; anyone may read them. */
final class ServerEntry {
    private final String making;
    private final Turn turn = new Turn();
    private final AtomicLong overheadNanos = new AtomicLong();
    private final Restarts restarts = new Restarts();
    private volatile ServerRecord draft;
    private volatile ServerRecord record;
    private volatile Run run;
    private volatile boolean doomed;

    /** One that is about to be made; {@code making} says by whom. */
    ServerEntry(String making) {
        this.making = making;
    }

    /** One that is there. */
    ServerEntry(ServerRecord record) {
        this.making = "";
        this.record = record;
        this.draft = record;
    }

    /** Who makes it. */
    String making() {
        return making;
    }

    Turn turn() {
        return turn;
    }

    /** What it is to be: its id range and its place are taken though it is not made yet. {@code null} before that. */
    ServerRecord draft() {
        return draft;
    }

    void draft(ServerRecord intended) {
        draft = intended;
    }

    /** What is kept of it; {@code null} while it is being made. */
    ServerRecord record() {
        return record;
    }

    /** The database now says this. */
    void record(ServerRecord kept) {
        draft = kept;
        record = kept;
    }

    /** Its life; {@code null} while it is stopped. */
    Run run() {
        return run;
    }

    void run(Run now) {
        run = now;
    }

    /** Its restarts after ends that nobody asked for. */
    Restarts restarts() {
        return restarts;
    }

    /** Half deleted: nothing but another deletion helps. */
    boolean doomed() {
        return doomed;
    }

    void doom() {
        doomed = true;
    }

    /** CPU time that the daemon used for it since its start. */
    AtomicLong overheadNanos() {
        return overheadNanos;
    }
}
