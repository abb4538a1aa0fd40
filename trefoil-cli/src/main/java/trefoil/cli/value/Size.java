package trefoil.cli.value;

/**
 * Sizes in bytes as people write them: {@code 512MiB}, {@code 2GiB}, {@code 1.5G}, {@code 100MB}, {@code 4096}. One letter
 * ({@code K M G T P}) and {@code KiB MiB …} are powers of 1024; {@code kB MB GB …} are powers of 1000. Case does not matter.
 */
public final class Size {
    private static final String LETTERS = "kmgtp";

    private Size() {}

    /** Bytes, zero or more. */
    public static long parse(String text) {
        return Quantity.split(text, "a size such as 512MiB, 2GiB or 1.5G").times(Size::unit);
    }

    /** Bytes per second: a size, with or without {@code /s} behind it. */
    public static long parseRate(String text) {
        return Quantity.split(withoutPerSecond(text), "a rate such as 10MiB/s").times(Size::unit);
    }

    static String withoutPerSecond(String text) {
        String stripped = text.strip();
        return stripped.endsWith("/s") || stripped.endsWith("ps") ? stripped.substring(0, stripped.length() - 2) : stripped;
    }

    /** Bytes in a unit, or 0 when it is none. */
    static long unit(String unit) {
        String lower = unit.toLowerCase(java.util.Locale.ROOT);
        if (lower.isEmpty() || lower.equals("b")) {
            return 1;
        }
        int power = LETTERS.indexOf(lower.charAt(0)) + 1;
        if (power == 0) {
            return 0;
        }
        return switch (lower.substring(1)) {
            case "", "ib" -> power(1024, power);
            case "b" -> power(1000, power);
            default -> 0;
        };
    }

    static long power(long base, int exponent) {
        long result = 1;
        for (int i = 0; i < exponent; i++) {
            result *= base;
        }
        return result;
    }

    /** For people: {@code 512 B}, {@code 1.5 KiB}, {@code 23 GiB}: three digits at most. */
    public static String show(long bytes) {
        if (bytes < 0) {
            return "-" + show(bytes == Long.MIN_VALUE ? Long.MAX_VALUE : -bytes);
        }
        if (bytes < 1024) {
            return bytes + " B";
        }
        return show(bytes, 1024, new String[] {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"});
    }

    /** {@code value}, zero or more, with at most {@code decimals} (0–3) digits behind the point. */
    public static String decimal(double value, int decimals) {
        return Quantity.show(value, decimals);
    }

    /** Bits per second for people: {@code 100 Mbit/s}. */
    public static String showBits(long bits) {
        return bits < 1000 ? bits + " bit/s" : show(bits, 1000, new String[] {"kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"});
    }

    private static String show(long amount, int base, String[] units) {
        double value = amount;
        int unit = -1;
        while (value >= base - 0.5 && unit < units.length - 1) {
            value /= base;
            unit++;
        }
        return Quantity.show(value, value < 99.95 ? 1 : 0) + " " + units[Math.max(unit, 0)];
    }
}
