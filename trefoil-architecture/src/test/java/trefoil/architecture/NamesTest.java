package trefoil.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names are the field's own words: those that say nothing are not allowed. */
class NamesTest {
    private static final Set<String> EMPTY_WORDS =
            Set.of("manager", "helper", "helpers", "util", "utils", "utility", "utilities", "impl", "base", "common", "misc");

    @Test
    void classesAreNamedForWhatTheyAre() {
        List<String> breaches = Rooms.classes().stream()
                .filter(type -> !type.isAnonymousClass())
                .filter(type -> words(type).stream().anyMatch(EMPTY_WORDS::contains))
                .map(JavaClass::getName)
                .toList();
        assertThat(breaches).as("classes whose names contain one of %s", EMPTY_WORDS).isEmpty();
    }

    @Test
    void packagesAreNamedForWhatTheyAre() {
        List<String> breaches = Rooms.classes().stream()
                .map(JavaClass::getPackageName)
                .distinct()
                .filter(name -> Arrays.stream(name.split("\\.")).anyMatch(EMPTY_WORDS::contains))
                .toList();
        assertThat(breaches).as("packages whose names contain one of %s", EMPTY_WORDS).isEmpty();
    }

    /** The words of a name in camel case, in lower case. */
    private static List<String> words(JavaClass type) {
        return Arrays.stream(type.getSimpleName().split("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_"))
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList();
    }
}
