package trefoil.image.debian;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DebianSuiteTest {
    @Test
    void areKnownByWhatASystemCallsItself() {
        assertThat(DebianSuite.ofPrettyName("Debian GNU/Linux 13 (trixie)")).hasValue(new DebianSuite("13", "trixie"));
        assertThat(DebianSuite.ofPrettyName("Debian GNU/Linux 11 (bullseye)")).hasValue(new DebianSuite("11", "bullseye"));
        assertThat(DebianSuite.ofPrettyName("Debian GNU/Linux forky/sid")).map(DebianSuite::codeName).hasValue("forky");
        for (String other : new String[] {"", "unknown", "Ubuntu 24.04 LTS", "Debian GNU/Linux 7 (wheezy)", "Debian GNU/Linux 13 (../x)"}) {
            assertThat(DebianSuite.ofPrettyName(other)).as(other).isEmpty();
        }
    }
}
