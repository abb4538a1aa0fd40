package trefoil.cli.value;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.function.ToLongFunction;

/**
 * A number with a unit behind it, not yet multiplied.
 *
 * @param text all of it, for messages
 * @param amount the number
 * @param unit what follows it, without blanks; empty for nothing
 * @param wanted what was expected, for messages
 */
record Quantity(String text, BigDecimal amount, String unit, String wanted) {
    /** Splits {@code 1.5GiB} into 1.5 and {@code GiB}. */
    static Quantity split(String text, String wanted) {
        String stripped = text.strip();
        int end = 0;
        while (end < stripped.length() && (isDigit(stripped.charAt(end)) || stripped.charAt(end) == '.')) {
            end++;
        }
        if (end == 0 || end > 30) {
            throw wrong(text, wanted);
        }
        try {
            return new Quantity(text, new BigDecimal(stripped.substring(0, end)), stripped.substring(end).strip(), wanted);
        } catch (NumberFormatException e) {
            throw wrong(text, wanted);
        }
    }

    /** The number times the size of its unit, as {@code units} tells it (0: no such unit), rounded down. */
    long times(ToLongFunction<String> units) {
        long factor = units.applyAsLong(unit);
        if (factor == 0) {
            throw wrong(text, wanted);
        }
        BigDecimal product = amount.multiply(BigDecimal.valueOf(factor)).setScale(0, RoundingMode.DOWN);
        if (product.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new UsageException("\"" + text + "\" is too large", null);
        }
        return product.longValue();
    }

    static UsageException wrong(String text, String wanted) {
        return new UsageException("\"" + text + "\" is not " + wanted, null);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** {@code value}, zero or more, with at most {@code decimals} (0–3) digits behind the point, trailing zeros dropped. */
    static String show(double value, int decimals) {
        long factor = Size.power(10, decimals);
        long scaled = Math.round(value * factor);
        String whole = Long.toString(scaled / factor);
        long rest = scaled % factor;
        if (rest == 0) {
            return whole;
        }
        String digits = Long.toString(factor + rest).substring(1);
        while (digits.endsWith("0")) {
            digits = digits.substring(0, digits.length() - 1);
        }
        return whole + "." + digits;
    }
}
