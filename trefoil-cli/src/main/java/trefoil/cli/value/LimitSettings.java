package trefoil.cli.value;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.api.Limits;

/** Limits being collected from {@code key=value} words or options. The keys are the options' names. */
public final class LimitSettings {
    /** Every key, in the order of {@link Limits}. */
    public static final List<String> KEYS = List.of(
            "cpu-weight", "cpus", "memory-guarantee", "memory", "swap", "pids", "disk", "io-read", "io-write", "net-in", "net-out");

    private final Map<String, Number> values = new LinkedHashMap<>();

    /** Sets one limit; {@code none} clears it. */
    public void set(String key, String text) {
        values.put(key, text.strip().equals("none") ? Limits.CLEAR : parse(key, text));
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    private static Number parse(String key, String text) {
        try {
            return switch (key) {
                case "cpu-weight" -> within(text, 1, 10_000, "a weight from 1 to 10000");
                case "cpus" -> cpus(text);
                case "memory-guarantee", "memory", "disk" -> positive(text, Size.parse(text));
                case "swap" -> Size.parse(text);
                case "pids" -> within(text, 1, 4_194_304, "a number of processes from 1 to 4194304");
                case "io-read", "io-write" -> positive(text, Size.parseRate(text));
                case "net-in", "net-out" -> positive(text, Rate.parse(text));
                default -> throw new UsageException("there is no limit \"" + key + "\"", "one of " + String.join(", ", KEYS));
            };
        } catch (UsageException e) {
            throw new UsageException(key + ": " + e.getMessage() + (e.next() == null ? ", nor none" : ""), e.next());
        }
    }

    private static long positive(String text, long value) {
        if (value == 0) {
            throw new UsageException("\"" + text + "\" is nothing at all; none means no limit", null);
        }
        return value;
    }

    private static long within(String text, long least, long most, String wanted) {
        Quantity number = Quantity.split(text, wanted);
        boolean whole = number.unit().isEmpty() && number.amount().stripTrailingZeros().scale() <= 0;
        long value = whole ? number.times(unit -> 1) : -1;
        if (value < least || value > most) {
            throw Quantity.wrong(text, wanted);
        }
        return value;
    }

    private static double cpus(String text) {
        Quantity number = Quantity.split(text, "a number of CPUs such as 2 or 1.5");
        double value = number.amount().doubleValue();
        if (!number.unit().isEmpty() || value < 0.01 || value > 8192) {
            throw Quantity.wrong(text, "a number of CPUs from 0.01 to 8192");
        }
        return value;
    }

    /** What was collected, a cleared limit as {@link Limits#CLEAR}. */
    public Limits change() {
        Number weight = values.get("cpu-weight");
        Number cap = values.get("cpus");
        return new Limits(
                weight == null ? null : (Integer) weight.intValue(),
                cap == null ? null : (Double) cap.doubleValue(),
                get("memory-guarantee"),
                get("memory"),
                get("swap"),
                get("pids"),
                get("disk"),
                get("io-read"),
                get("io-write"),
                get("net-in"),
                get("net-out"));
    }

    private Long get(String key) {
        Number value = values.get(key);
        return value == null ? null : (Long) value.longValue();
    }
}
