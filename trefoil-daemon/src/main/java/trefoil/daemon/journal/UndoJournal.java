package trefoil.daemon.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import trefoil.daemon.database.Database;
import trefoil.daemon.database.Database.Statements;
import trefoil.daemon.database.DatabaseException;

/** The journal. Thread-safe; changes do not see one another. */
public final class UndoJournal {
    private static final System.Logger LOG = System.getLogger(UndoJournal.class.getName());

    /** How often, and how far apart, {@link #recover} tries. */
    private static final int TRIES = 5;

    private static final Duration PAUSE = Duration.ofMillis(200);

    private record Line(long change, int step, String what, Deed deed) {
        boolean concerns(Deed other) {
            return !Collections.disjoint(deed.subjects(), other.subjects());
        }
    }

    private final Database database;
    private final Remedy remedy;
    private final Crashpoint crashpoint;
    private final AtomicLong changes;
    /** What stands in the journal though its change is over: it could not be set right, or not be erased. Guarded by itself. */
    private final List<Line> left = new ArrayList<>();
    /** Numbers of changes that are not over. */
    private final Set<Long> underWay = ConcurrentHashMap.newKeySet();

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

    /** What changes that are over, or were an earlier daemon's, are still to be set right, newest first, for people. */
    public List<String> unfinished() {
        return lines().stream().filter(line -> !underWay.contains(line.change())).map(line -> line.what() + " (" + line.deed().word() + ")").toList();
    }

    /**
     * Sets right what an earlier daemon left unfinished. What cannot be set right at once, perhaps because a process of that daemon's is still
     * ending, is tried a few times more; after that it stays in the journal, and is tried again before the next change of the same server or
     * network, and at the next start.
     *
     * @return what could not be set right, for people
     */
    public List<String> recover() throws InterruptedException {
        List<Line> lines = lines();
        for (Line line : lines) {
            LOG.log(Level.INFO, "an earlier daemon did not finish: {0}; setting right: {1}", line.what(), line.deed().word());
        }
        Map<Line, Exception> failed = settle(lines);
        for (int i = 1; i < TRIES && !failed.isEmpty(); i++) {
            Thread.sleep(PAUSE);
            failed = settle(failed.keySet());
        }
        List<String> failures = new ArrayList<>();
        failed.forEach((line, e) -> {
            leave(line);
            failures.add(line.what() + ": " + e.getMessage());
            LOG.log(Level.ERROR, "could not set right " + line.what(), e);
        });
        return failures;
    }

    /** Tries each, in order. @return what failed, and why */
    private Map<Line, Exception> settle(Collection<Line> lines) {
        Map<Line, Exception> failed = new LinkedHashMap<>();
        for (Line line : lines) {
            try {
                settle(line);
            } catch (IOException | DatabaseException e) {
                failed.put(line, e);
            }
        }
        return failed;
    }

    /** Whether something that an earlier change did to a server is still to be set right: its files are not nobody's. */
    public boolean leaves(String server) {
        synchronized (left) {
            return left.stream().anyMatch(line -> line.deed().subjects().contains("server " + server));
        }
    }

    private void settle(Line line) throws IOException {
        crashpoint.at("settle " + line.deed().word());
        remedy.settle(line.deed());
        crashpoint.at("settled " + line.deed().word());
        database.transaction(s -> erase(s, line));
    }

    private static int erase(Statements s, Line line) throws SQLException {
        return s.update("DELETE FROM journal WHERE change = ? AND step = ?", line.change(), line.step());
    }

    private void leave(Line line) {
        synchronized (left) {
            left.addFirst(line);
        }
    }

    /**
     * Sets right what earlier changes left of the same server or network. Otherwise the next daemon would, and would take
     * what was made since for what failed then.
     */
    private void settleLeft(Deed[] intended) throws IOException {
        List<Line> concerned;
        synchronized (left) {
            concerned = left.stream().filter(line -> Arrays.stream(intended).anyMatch(line::concerns)).toList();
        }
        for (Line line : concerned) {
            settle(line);
            synchronized (left) {
                left.remove(line);
            }
        }
    }

    /** A change under way. Used by one thread. */
    public final class Change implements AutoCloseable {
        private final long number;
        private final String what;
        private final List<Line> lines = new ArrayList<>();
        private boolean over;

        private Change(long number, String what) {
            this.number = number;
            this.what = what;
            underWay.add(number);
        }

        private void over() {
            over = true;
            underWay.remove(number);
        }

        /**
         * Writes down what is about to be done, in the order in which it will be done. Fails when an earlier change of the
         * same server or network left something that still cannot be set right.
         */
        public void intend(Deed... intended) throws IOException {
            intend(s -> {}, intended);
        }

        /** The same, and keeps in the same transaction what is true already. */
        public void intend(Outcome already, Deed... intended) throws IOException {
            settleLeft(intended);
            crashpoint.at("intend in " + what);
            List<Line> added = new ArrayList<>();
            for (Deed deed : intended) {
                added.add(new Line(number, lines.size() + added.size(), what, deed));
            }
            database.transaction(s -> {
                already.keep(s);
                for (Line line : added) {
                    s.update(
                            "INSERT INTO journal (change, step, what, deed, data) VALUES (?, ?, ?, ?, ?)",
                            line.change(), line.step(), line.what(), line.deed().word(), line.deed().data());
                }
                return null;
            });
            lines.addAll(added);
            crashpoint.at("intended in " + what);
        }

        /** Ends the change well: its outcome is kept and its deeds are forgotten, both or neither. */
        public void commit(Outcome outcome) {
            commit(outcome, null);
        }

        /** The same, and ends another change with it that has led to the same outcome; {@code null} for none. */
        public void commit(Outcome outcome, Change other) {
            crashpoint.at("commit of " + what);
            database.transaction(s -> {
                outcome.keep(s);
                if (other != null) {
                    s.update("DELETE FROM journal WHERE change = ?", other.number);
                }
                return s.update("DELETE FROM journal WHERE change = ?", number);
            });
            over();
            if (other != null) {
                other.over();
            }
            crashpoint.at("committed " + what);
        }

        /** Leaves the deeds in the journal, to be set right before the next change of the same thing or at the next start. */
        public void leave() {
            if (!over) {
                over();
                lines.forEach(UndoJournal.this::leave);
            }
        }

        /** Takes back what was not committed, last deed first. */
        @Override
        public void close() {
            if (over) {
                return;
            }
            over();
            for (Line line : lines.reversed()) {
                try {
                    settle(line);
                } catch (IOException | DatabaseException e) {
                    UndoJournal.this.leave(line);
                    LOG.log(Level.ERROR, "could not take back " + line.deed().word() + " of " + what
                            + "; it is tried again before the next change of the same thing, and at the next start of the daemon", e);
                }
            }
        }
    }
}
