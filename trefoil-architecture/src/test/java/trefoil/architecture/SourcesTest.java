package trefoil.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules over the sources of all modules: what a class file does not show. */
class SourcesTest {
    private static final int LONGEST = 800;

    /** Sources that are tables, and may be longer than {@link #LONGEST} lines: path below the root. */
    private static final Set<String> TABLES = Set.of();

    private static final Pattern BLANKET_CATCH =
            Pattern.compile("catch\\s*\\(\\s*(final\\s+)?(Exception|RuntimeException|Throwable)\\s+\\w+\\s*\\)\\s*\\{");
    private static final Pattern JAVADOC = Pattern.compile("/\\*\\*(.*?)\\*/", Pattern.DOTALL);
    private static final int SHORTEST_LESSON = 60;

    @Test
    void everyPackageTeaches() {
        List<String> breaches = Rooms.sources("main").stream()
                .filter(source -> !source.endsWith("module-info.java"))
                .map(Path::getParent)
                .distinct()
                .filter(directory -> !teaches(directory.resolve("package-info.java")))
                .map(SourcesTest::shown)
                .toList();
        assertThat(breaches).as("packages whose package-info.java is missing or says nothing").isEmpty();
    }

    @Test
    void filesAreShort() {
        List<String> breaches = Rooms.sources("main").stream()
                .filter(source -> !TABLES.contains(shown(source)))
                .filter(source -> Rooms.text(source).lines().count() > LONGEST)
                .map(SourcesTest::shown)
                .toList();
        assertThat(breaches).as("sources of more than %d lines that are not listed as tables", LONGEST).isEmpty();
    }

    /** Where the rule ends: code that must outlive whatever others throw at it, each with the reason beside its catch. */
    private static final Set<String> BOUNDARIES = Set.of(
            "trefoil-cli/src/main/java/trefoil/cli/Main.java", // the user never meets a bare stack trace
            "trefoil-client/src/main/java/trefoil/client/Transport.java", // an answer that is not of the API
            "trefoil-container/src/main/java/trefoil/container/ContainerEngine.java"); // a listener that fails

    /** Undoing half-done work and throwing on is the one good use of a blanket catch. */
    @Test
    void failuresAreCaughtByNameOrThrownOn() {
        List<String> breaches = Rooms.sources("main").stream()
                .filter(source -> swallowsFailures(Rooms.text(source)))
                .map(SourcesTest::shown)
                .filter(source -> !BOUNDARIES.contains(source))
                .toList();
        assertThat(breaches)
                .as("sources that catch Exception, RuntimeException or Throwable and do not throw it on")
                .isEmpty();
    }

    private static boolean swallowsFailures(String source) {
        return BLANKET_CATCH.matcher(source).results().anyMatch(match -> !block(source, match.end())
                .contains("throw "));
    }

    /** What stands from {@code start}, just after an opening brace, to the brace that closes it. */
    private static String block(String source, int start) {
        int depth = 1;
        int at = start;
        while (depth > 0 && at < source.length()) {
            char c = source.charAt(at++);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        }
        return source.substring(start, at);
    }

    @Test
    void testsAwaitInsteadOfSleeping() {
        List<String> breaches = Rooms.sources("test").stream()
                .filter(source -> !source.endsWith("SourcesTest.java"))
                .filter(source -> Rooms.text(source).contains("Thread.sleep("))
                .map(SourcesTest::shown)
                .toList();
        assertThat(breaches).as("tests that sleep").isEmpty();
    }

    @Test
    void everyTestSaysWhyItIsSkipped() {
        List<String> breaches = Rooms.sources("test").stream()
                .filter(source -> Rooms.text(source).contains("@Disabled\n"))
                .map(SourcesTest::shown)
                .toList();
        assertThat(breaches).as("tests disabled without a reason").isEmpty();
    }

    private static boolean teaches(Path packageInfo) {
        if (!Files.exists(packageInfo)) {
            return false;
        }
        var comment = JAVADOC.matcher(Rooms.text(packageInfo));
        return comment.find() && comment.group(1).strip().length() >= SHORTEST_LESSON;
    }

    private static String shown(Path source) {
        return Rooms.ROOT.relativize(source).toString();
    }
}
