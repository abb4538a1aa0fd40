package trefoil.softcpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import trefoil.conformance.Rig;
import trefoil.conformance.Snippets;

/** What every engine must pass. */
class ConformanceTest {
    @TestFactory
    Stream<DynamicTest> snippets() {
        return Snippets.all().stream().map(snippet -> DynamicTest.dynamicTest(snippet.toString(), () -> assertThat(Rig.run(snippet, SoftEngine::new)).as(snippet.source()).isEmpty()));
    }
}
