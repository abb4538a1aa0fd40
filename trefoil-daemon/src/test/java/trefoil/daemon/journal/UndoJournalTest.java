package trefoil.daemon.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
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
    void failedChangeIsTakenBackLastFirst() throws IOException {
        UndoJournal journal = journal();
        try (UndoJournal.Change change = journal.begin("x")) {
            change.intend(bridge("a"), bridge("b"));
            change.intend(bridge("c"));
        }
        assertThat(settled).containsExactly("c", "b", "a");
        assertThat(journal.unfinished()).isEmpty();
    }

    @Test
    void committedChangeIsForgottenTogetherWithItsResult() throws IOException {
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
    void nextDaemonTakesBackNewestFirstAndKeepsWhatItCannot() throws IOException, InterruptedException {
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
    void whatCouldNotBeTakenBackComesBeforeTheNextChangeOfTheSameThing() throws IOException, InterruptedException {
        UndoJournal journal = journal();
        stubborn = "a";
        try (UndoJournal.Change change = journal.begin("first")) {
            change.intend(bridge("a"), bridge("b"));
        }
        assertThat(settled).containsExactly("b");
        assertThat(journal.unfinished()).containsExactly("first (bridge)");
        try (UndoJournal.Change other = journal.begin("other")) {
            other.intend(bridge("c"));
            other.commit(s -> {});
        }
        try (UndoJournal.Change second = journal.begin("second")) {
            assertThatThrownBy(() -> second.intend(bridge("a"))).hasMessageContaining("a cannot be taken back");
        }
        assertThat(journal.unfinished()).containsExactly("first (bridge)");
        stubborn = "";
        try (UndoJournal.Change third = journal.begin("third")) {
            third.intend(bridge("a"));
            third.commit(s -> {});
        }
        assertThat(settled).containsExactly("b", "a");
        assertThat(journal().recover()).isEmpty();
        assertThat(settled).as("nothing is left to take what was made since").containsExactly("b", "a");
    }

    /** As a full disk does: the deed is taken back, its line in the journal stays. */
    @Test
    void lineThatCannotBeErasedDoesNotOutliveTheNextChange() throws IOException, SQLException {
        UndoJournal journal = journal();
        try (UndoJournal.Change change = journal.begin("first")) {
            change.intend(bridge("a"), bridge("b"));
            sql("CREATE TRIGGER full BEFORE DELETE ON journal BEGIN SELECT RAISE(FAIL, 'full'); END");
        }
        assertThat(settled).containsExactly("b", "a");
        assertThat(journal.unfinished()).hasSize(2);
        sql("DROP TRIGGER full");
        try (UndoJournal.Change second = journal.begin("second")) {
            second.intend(bridge("a"), bridge("b"));
            second.commit(s -> {});
        }
        assertThat(journal.unfinished()).isEmpty();
    }

    private void sql(String statement) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + temporary.resolve("db")); Statement s = raw.createStatement()) {
            s.executeUpdate(statement);
        }
    }

    @Test
    void numbersOfChangesAreNotUsedTwice() throws IOException {
        journal().begin("first").intend(bridge("a"));
        UndoJournal next = journal();
        try (UndoJournal.Change change = next.begin("second")) {
            change.intend(bridge("b"));
            change.commit(s -> {});
        }
        assertThat(next.unfinished()).containsExactly("first (bridge)");
    }
}
