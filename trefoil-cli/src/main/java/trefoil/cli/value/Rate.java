package trefoil.cli.value;

import java.util.Locale;

/**
 * Network rates in bits per second: {@code 100Mbit}, {@code 1Gbit/s}, {@code 10Mbps} with powers of 1000, or in bytes:
 * {@code 10MiB/s}.
 */
public final class Rate {
    private static final String WANTED = "a network rate such as 100Mbit/s or 10MiB/s";

    private Rate() {}

    /** Bits per second, zero or more. A number without a unit is in bits per second. */
    public static long parse(String text) {
        return Quantity.split(Size.withoutPerSecond(text), WANTED).times(Rate::unit);
    }

    private static long unit(String unit) {
        String lower = unit.toLowerCase(Locale.ROOT);
        if (lower.isEmpty()) {
            return 1;
        }
        // "ps" of "Mbps" has been taken off as a "per second".
        if (lower.endsWith("bit")) {
            return prefix(lower.substring(0, lower.length() - 3));
        }
        if (unit.endsWith("b") && unit.length() == 2) {
            return prefix(lower.substring(0, 1));
        }
        // A lone "M" could mean either: it is refused.
        return unit.endsWith("B") ? Size.unit(unit) * 8 : 0;
    }

    private static long prefix(String letters) {
        if (letters.isEmpty()) {
            return 1;
        }
        int power = letters.length() == 1 ? "kmgt".indexOf(letters.charAt(0)) + 1 : 0;
        return power == 0 ? 0 : Size.power(1000, power);
    }
}
