package trefoil.cli.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.cli.value.UsageException;

class SyntaxTest {
    private final Syntax syntax = new Syntax();
    private final Flag all = syntax.flag("-a", "--all", "");
    private final Flag force = syntax.flag("-f", "--force", "");
    private final Flag help = syntax.flag("-h", "--help", "");
    private final Value number = syntax.value("-n", "--number", "NUMBER", "");
    private final Values words = syntax.values("-w", "--word", "WORD", "");
    private final Operand image = syntax.operand("IMAGE", "", true);
    private final Operand name = syntax.operand("NAME", "", false);

    private boolean read(String line) {
        return syntax.read(line.split(" "), false, help);
    }

    @ParameterizedTest
    @CsvSource({"-n 7 i", "-n7 i", "-n=7 i", "--number 7 i", "--number=7 i", "i --number 7", "-n 3 -n 7 i", "-an7 i"})
    void aValueHasManySpellingsAndTheLastOneHolds(String line) {
        assertThat(read(line)).isFalse();
        assertThat(number.number(0)).isEqualTo(7);
        assertThat(image.text()).isEqualTo("i");
        assertThat(name.text()).isNull();
        assertThat(force.isSet()).isFalse();
        assertThat(all.orNull()).isEqualTo(line.startsWith("-a") ? true : null);
    }

    @Test
    void lettersJoinAndTwoDashesEndTheOptions() {
        read("-af -w a --word=b -w -f i -- --all");
        assertThat(all.isSet()).isTrue();
        assertThat(force.isSet()).isTrue();
        assertThat(words.all()).containsExactly("a", "b", "-f");
        assertThat(image.text()).isEqualTo("i");
        assertThat(name.text()).isEqualTo("--all");
    }

    @Test
    void theFirstOperandMayEndTheOptions() {
        Syntax exec = new Syntax();
        Flag letter = exec.flag("-t", "--terminal", "");
        Operand server = exec.operand("NAME", "", true);
        Operands command = exec.operands(0, "COMMAND", "");
        exec.read(new String[] {"web1", "ls", "-t", "-"}, true, exec.flag("-h", "--help", ""));
        assertThat(letter.isSet()).isFalse();
        assertThat(server.text()).isEqualTo("web1");
        assertThat(command.all()).containsExactly("ls", "-t", "-");
    }

    @Test
    void helpIsGivenWhateverElseIsMissing() {
        assertThat(read("--help --no-such")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--forec i| there is no option \"--forec\"; did you mean --force?",
        "-ax i| there is no option \"-x\"",
        "--all=yes i| --all takes no value",
        "i --number| --number needs a value: NUMBER",
        "i -n| -n needs a value: NUMBER",
        "--all| IMAGE is missing",
        "i n x| \"x\" is one argument too many"
    })
    void wrongLinesAreRefused(String line, String message) {
        assertThatThrownBy(() -> read(line)).isInstanceOf(UsageException.class).hasMessage(message);
    }

    @Test
    void numbersBelowTheLeastAreRefused() {
        read("i -n -1");
        assertThatThrownBy(() -> number.number(0)).isInstanceOf(UsageException.class).hasMessage("--number takes a whole number from 0 on, not \"-1\"");
        read("i -n 1x");
        assertThatThrownBy(() -> number.number(0)).isInstanceOf(UsageException.class);
    }
}
