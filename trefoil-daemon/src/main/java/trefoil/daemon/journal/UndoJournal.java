package trefoil.daemon.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import trefoil.daemon.database.Database;
import trefoil.daemon.database.Database.Statements;

/** The journal. Thread-safe; changes do not see one another. */
public final class UndoJournal {
    private static final System.Logger LOG = System.getLogger(UndoJournal.class.getName());

    private record Line(long change, int step, String what, Deed deed) {}

    private final Database database;
    private final Remedy remedy;
    private final Crashpoint crashpoint;
    private final AtomicLong changes;

    /** The journal in the database. Call {@link #recover} before the first {@link #begin}. */
    public UndoJournal(Database database, Remedy remedy, Crashpoint crashpoint) {
        this.database = database;
        this.remedy = remedy;
        this.crashpoint = crashpoint;
        this.changes = new AtomicLong(lines().stream().mapToLong(Line::change).max().orElse(0));
    }

    /** What is written in the same transaction that ends a change. */
    @FunctionalInterface
    public interface Outcome {
        void keep(Statements statements) throws SQLException;
    }

    /** Begins a change. Close it: what was not committed is taken back. */
    public Change begin(String what) {
        return new Change(changes.incrementAndGet(), what);
    }

    private List<Line> lines() {
        return database.transaction(s -> s.query(
                "SELECT change, step, what, deed, data FROM journal ORDER BY change DESC, step DESC",
                row -> new Line(
                        row.getLong(1), row.getInt(2), row.getString(3),
                        Deed.read(row.getString(4), row.getString(5)))));
    }

    /** What changes of an earlier daemon are still to be set right, newest first, for people. */
    public List<String> unfinished() {
        return lines().stream().map(line -> line.what() + " (" + line.deed().word() + ")").toList();
    }

    /**
     * Sets right what an earlier daemon left unfinished. What cannot be set right now stays in the journal for the next
     * start.
     *
     * @return what could not be set right, for people
     */
    public List<String> recover() {
        List<String> failures = new ArrayList<>();
        for (Line line : lines()) {
            LOG.log(Level.INFO, "an earlier daemon did not finish: {0}; setting right: {1}", line.what(), line.deed().word());
            try {
                settle(line.change(), line.step(), line.deed());
            } catch (IOException e) {
                failures.add(line.what() + ": " + e.getMessage());
                LOG.log(Level.ERROR, "could not set right " + line.what(), e);
            }
        }
        return failures;
    }

    private void settle(long change, int step, Deed deed) throws IOException {
        crashpoint.at("settle " + deed.word());
        remedy.settle(deed);
        crashpoint.at("settled " + deed.word());
        database.transaction(s -> s.update("DELETE FROM journal WHERE change = ? AND step = ?", change, step));
    }

    /** A change under way. Used by one thread. */
    public final class Change implements AutoCloseable {
        private final long number;
        private final String what;
        private final List<Deed> deeds = new ArrayList<>();
        private boolean over;

        private Change(long number, String what) {
            this.number = number;
            this.what = what;
        }

        /** Writes down what is about to be done, in the order in which it will be done. */
        public void intend(Deed... intended) {
            intend(s -> {}, intended);
        }

        /** The same, and keeps in the same transaction what is true already. */
        public void intend(Outcome already, Deed... intended) {
            crashpoint.at("intend in " + what);
            database.transaction(s -> {
                already.keep(s);
                for (int i = 0; i < intended.length; i++) {
                    s.update(
                            "INSERT INTO journal (change, step, what, deed, data) VALUES (?, ?, ?, ?, ?)",
                            number, deeds.size() + i, what, intended[i].word(), intended[i].data());
                }
                return null;
            });
            deeds.addAll(List.of(intended));
            crashpoint.at("intended in " + what);
        }

        /** Ends the change well: its outcome is kept and its deeds are forgotten, both or neither. */
        public void commit(Outcome outcome) {
            crashpoint.at("commit of " + what);
            database.transaction(s -> {
                outcome.keep(s);
                return s.update("DELETE FROM journal WHERE change = ?", number);
            });
            over = true;
            crashpoint.at("committed " + what);
        }

        /** Leaves the deeds in the journal, to be set right at the next start. */
        public void leave() {
            over = true;
        }

        /** Takes back what was not committed, last deed first. */
        @Override
        public void close() {
            if (over) {
                return;
            }
            over = true;
            for (int step = deeds.size() - 1; step >= 0; step--) {
                try {
                    settle(number, step, deeds.get(step));
                } catch (IOException e) {
                    LOG.log(Level.ERROR, "could not take back " + deeds.get(step).word() + " of " + what
                            + "; the next start of the daemon tries again", e);
                }
            }
        }
    }
}
