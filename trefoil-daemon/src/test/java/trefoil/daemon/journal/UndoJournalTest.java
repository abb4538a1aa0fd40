package trefoil.daemon.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.daemon.database.Database;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.NetworkRecord;

/** What is written down is taken back, last first, unless the change was committed. */
class UndoJournalTest {
    @TempDir
    Path temporary;

    private Database database;
    private final List<String> settled = new ArrayList<>();
    private String stubborn = "";

    @BeforeEach
    void open() {
        database = Database.open(temporary.resolve("db"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private UndoJournal journal() {
        return new UndoJournal(database, this::settle, Crashpoint.NONE);
    }

    private void settle(Deed deed) throws IOException {
        String name = ((Deed.Bridge) deed).network().name();
        if (name.equals(stubborn)) {
            throw new IOException(name + " cannot be taken back");
        }
        settled.add(name);
    }

    private static Deed bridge(String name) {
        return new Deed.Bridge(new NetworkRecord(name, "br" + name, "10.0.0.1/24", null, true, "trefoil", "d"));
    }

    @Test
    void failedChangeIsTakenBackLastFirst() {
        UndoJournal journal = journal();
        try (UndoJournal.Change change = journal.begin("x")) {
            change.intend(bridge("a"), bridge("b"));
            change.intend(bridge("c"));
        }
        assertThat(settled).containsExactly("c", "b", "a");
        assertThat(journal.unfinished()).isEmpty();
    }

    @Test
    void committedChangeIsForgottenTogetherWithItsResult() {
        UndoJournal journal = journal();
        try (UndoJournal.Change change = journal.begin("x")) {
            change.intend(bridge("a"));
            change.commit(s -> Kept.fact(s, "made", "yes"));
        }
        assertThat(settled).isEmpty();
        assertThat(journal.unfinished()).isEmpty();
        String made = database.transaction(s -> Kept.fact(s, "made"));
        assertThat(made).isEqualTo("yes");
    }

    @Test
    void nextDaemonTakesBackNewestFirstAndKeepsWhatItCannot() {
        UndoJournal.Change first = journal().begin("first");
        first.intend(bridge("a"));
        UndoJournal.Change second = journal().begin("second");
        second.intend(bridge("b"), bridge("c"));
        stubborn = "c";
        UndoJournal next = journal();
        assertThat(next.recover()).singleElement().asString().contains("second").contains("c cannot be taken back");
        assertThat(settled).containsExactly("b", "a");
        assertThat(next.unfinished()).containsExactly("second (bridge)");
        stubborn = "";
        assertThat(journal().recover()).isEmpty();
        assertThat(journal().unfinished()).isEmpty();
    }

    @Test
    void numbersOfChangesAreNotUsedTwice() {
        journal().begin("first").intend(bridge("a"));
        UndoJournal next = journal();
        try (UndoJournal.Change change = next.begin("second")) {
            change.intend(bridge("b"));
            change.commit(s -> {});
        }
        assertThat(next.unfinished()).containsExactly("first (bridge)");
    }
}
