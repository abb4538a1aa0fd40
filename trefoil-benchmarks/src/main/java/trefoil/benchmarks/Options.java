package trefoil.benchmarks;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * What is to be measured.
 *
 * @param json report as JSON rather than as a table
 * @param runs measured rounds of start-to-exit and of exec, at least 1
 * @param warmUp for how long servers are started only to warm the daemon up, and a quarter of it for exec
 * @param roundsLimit time after which no further round of start-to-exit begins; half of it for exec
 * @param startsFor how long idle servers are started one after the other
 * @param whole time within which all is to be over, whatever the machine is busy with: rounds are left out for it
 */
record Options(boolean json, int runs, Duration warmUp, Duration roundsLimit, Duration startsFor, Duration whole) {
    /** However late it is, so long rounds are measured for: a figure of a few is worth more than none. */
    private static final Duration LEAST = Duration.ofSeconds(3);

    static final String USAGE =
            """
            usage: trefoil bench os [--quick] [--n N] [--format table|json]
              Measures OS-level servers of Trefoil beside the peers that are installed (crun, runc, lxc,
              systemd-nspawn, bubblewrap). The last line is the median start-to-exit of Trefoil divided by
              that of crun: smaller is better.
              --quick   within 60 seconds: 30 rounds, starts for 3 seconds; otherwise 200 and 10
              --n N     rounds
            """;

    static Options parse(List<String> arguments) {
        if (arguments.isEmpty() || !"os".equals(arguments.getFirst())) {
            throw new IllegalArgumentException(arguments.isEmpty()
                    ? "what is to be measured? There are os and boot"
                    : "there is no benchmark \"" + arguments.getFirst() + "\"; there are os and boot");
        }
        boolean quick = false;
        boolean json = false;
        int runs = 0;
        Iterator<String> rest = arguments.subList(1, arguments.size()).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--quick" -> quick = true;
                case "--n" -> runs = count(option, value(option, rest), 100_000);
                case "--format", "-f" -> json = isJson(value(option, rest));
                default -> throw new IllegalArgumentException("bench os does not understand \"" + option + "\"");
            }
        }
        if (quick) {
            return new Options(json, runs == 0 ? 30 : runs, Duration.ofSeconds(10), Duration.ofSeconds(12), Duration.ofSeconds(3), Duration.ofSeconds(60));
        }
        return new Options(json, runs == 0 ? 200 : runs, Duration.ofSeconds(20), Duration.ofMinutes(30), Duration.ofSeconds(10), Duration.ofHours(2));
    }

    /**
     * How long rounds may take.
     *
     * @param wanted at most so long
     * @param elapsed what has passed of {@link #whole}
     * @param kept what must be left of it for that which follows
     */
    Duration limit(Duration wanted, Duration elapsed, Duration kept) {
        Duration left = whole.minus(elapsed).minus(kept);
        Duration limit = left.compareTo(wanted) < 0 ? left : wanted;
        return limit.compareTo(LEAST) < 0 ? LEAST : limit;
    }

    static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return rest.next();
    }

    static int count(String option, String text, int most) {
        String demand = option + " takes a number from 1 to " + most + ", not \"" + text + "\"";
        try {
            int count = Integer.parseInt(text);
            if (count >= 1 && count <= most) {
                return count;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(demand, e);
        }
        throw new IllegalArgumentException(demand);
    }

    static boolean isJson(String format) {
        return switch (format) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new IllegalArgumentException("--format takes table or json, not \"" + format + "\"");
        };
    }
}
