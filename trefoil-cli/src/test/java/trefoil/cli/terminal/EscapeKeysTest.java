package trefoil.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EscapeKeysTest {
    private final EscapeKeys keys = new EscapeKeys();

    private String pass(String typed) {
        byte[] octets = typed.getBytes(StandardCharsets.ISO_8859_1);
        return new String(keys.pass(octets, octets.length), StandardCharsets.ISO_8859_1);
    }

    @Test
    void passesWhatIsNoEscape() {
        assertThat(pass("ls -l\r\003q")).isEqualTo("ls -l\r\003q");
        assertThat(keys.left()).isFalse();
    }

    @Test
    void leavesAtCtrlAThenQAndSendsNothingBehindIt() {
        assertThat(pass("ab\001qcd")).isEqualTo("ab");
        assertThat(keys.left()).isTrue();
        assertThat(pass("ef")).isEmpty();
    }

    @Test
    void leavesAlsoWhenTheKeysComeOneByOne() {
        assertThat(pass("\001")).isEmpty();
        assertThat(pass("q")).isEmpty();
        assertThat(keys.left()).isTrue();
    }

    @Test
    void sendsOneCtrlAForTwo() {
        assertThat(pass("\001\001q")).isEqualTo("\001q");
        assertThat(keys.left()).isFalse();
    }

    @Test
    void sendsBothWhenAnotherKeyFollows() {
        assertThat(pass("\001x\001")).isEqualTo("\001x");
        assertThat(pass("y")).isEqualTo("\001y");
    }

    @Test
    void sizesAreReadAsSttyPrintsThem() {
        assertThat(TerminalSize.parse("40 132")).isEqualTo(new TerminalSize(132, 40));
        assertThat(TerminalSize.parse("0 0")).isEqualTo(TerminalSize.USUAL);
        assertThat(TerminalSize.parse("")).isEqualTo(TerminalSize.USUAL);
        assertThat(TerminalSize.parse("x y")).isEqualTo(TerminalSize.USUAL);
    }
}
