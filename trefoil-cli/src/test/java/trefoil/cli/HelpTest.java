package trefoil.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import trefoil.cli.catalogue.Catalogue;

class HelpTest extends CommandLineTest {
    /** Those that the launcher runs have their own. */
    static Stream<String> commands() {
        return Catalogue.ALL.stream().map(Catalogue.Entry::words).filter(words -> !List.of("demo", "bench", "help").contains(words));
    }

    @Test
    void theUsageLineSaysWhereTheCommandStands() {
        trefoil("exec", "--help");
        assertThat(out()).startsWith("usage: trefoil exec [OPTIONS] NAME [--] COMMAND...\n");
        trefoil("create", "--help");
        assertThat(out()).startsWith("usage: trefoil create [OPTIONS] IMAGE [NAME] [-- COMMAND...]\n");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelpWithAnExampleOfItself(String words) {
        String[] line = ("help " + words).split(" ");
        assertThat(trefoil(line)).isZero();
        String help = out();
        assertThat(help).startsWith("usage: trefoil " + words + " [OPTIONS]").contains("--help").contains("Examples:\n", "  trefoil " + words);
        assertThat(help.substring(0, help.indexOf("Examples:")).lines()).allMatch(text -> text.length() <= 80);
        assertThat(err()).isEmpty();
        assertThat(daemon.requests()).isEmpty();
    }
}
