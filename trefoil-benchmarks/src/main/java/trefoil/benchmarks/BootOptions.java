package trefoil.benchmarks;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bench boot} is to measure.
 *
 * @param json report as JSON rather than as a table
 * @param tiny rounds of the tiny machine, at least 1
 * @param debian rounds of Debian, at least 1
 * @param whole time within which all is to be over: rounds after the first are left out for it
 */
record BootOptions(boolean json, int tiny, int debian, Duration whole) {
    private static final int MOST = 1000;

    static final String USAGE =
            """
            usage: trefoil bench boot [--quick] [--rounds N] [--format table|json]
              Boots virtual machines under Trefoil and, in turn, under QEMU's translator (TCG): a tiny one to its
              first line from user space, and Debian 12 to its login. The last lines are the median times of
              Trefoil divided by QEMU's: smaller is better.
              --quick      within 5 minutes: 3 rounds of the tiny machine and 1 of Debian; otherwise 5 and 3
              --rounds N   rounds of both
            """;

    /** Reads what follows {@code bench boot}. */
    static BootOptions parse(List<String> arguments) {
        boolean quick = false;
        boolean json = false;
        int rounds = 0;
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--quick" -> quick = true;
                case "--rounds" -> rounds = Options.count(option, Options.value(option, rest), MOST);
                case "--format", "-f" -> json = Options.isJson(Options.value(option, rest));
                default -> throw new IllegalArgumentException("bench boot does not understand \"" + option + "\"");
            }
        }
        if (rounds > 0) {
            return new BootOptions(json, rounds, rounds, quick ? Duration.ofSeconds(285) : Duration.ofHours(12));
        }
        return quick ? new BootOptions(json, 3, 1, Duration.ofSeconds(285)) : new BootOptions(json, 5, 3, Duration.ofHours(2));
    }

    /** Rounds of a case. */
    int rounds(BootCase wanted) {
        return wanted == BootCase.TINY ? tiny : debian;
    }
}
