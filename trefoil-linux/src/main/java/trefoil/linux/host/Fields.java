package trefoil.linux.host;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The two layouts of most kernel files: <em>flat keyed</em> ({@code KEY VALUE\n}, cgroup-v2.rst "Format") and
 * {@code KEY:   VALUE kB\n} (proc_meminfo(5)). Scans the text in place; for the few keys that a caller wants of a long
 * file this is cheaper than a map.
 */
public final class Fields {
    private Fields() {}

    /**
     * The first whole number after {@code key} where it stands at the start of a line and is followed by a blank, a tab
     * or a colon; empty when there is no such line or no digit after it.
     */
    public static OptionalLong number(String text, String key) {
        for (int at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
            int after = at + key.length();
            if ((at == 0 || text.charAt(at - 1) == '\n') && after < text.length() && separates(text.charAt(after))) {
                return numberAt(text, after);
            }
        }
        return OptionalLong.empty();
    }

    /** As {@link #number}, with a value for its absence. */
    public static long number(String text, String key, long absent) {
        return number(text, key).orElse(absent);
    }

    private static boolean separates(char c) {
        return c == ' ' || c == '\t' || c == ':';
    }

    private static OptionalLong numberAt(String text, int from) {
        int at = from;
        while (at < text.length() && separates(text.charAt(at))) {
            at++;
        }
        int start = at;
        while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
            at++;
        }
        return start == at ? OptionalLong.empty() : OptionalLong.of(parse(text, start, at));
    }

    /** Digits as a long; more than a long holds (the kernel's counters are unsigned) is its largest value. */
    private static long parse(String text, int start, int end) {
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                return Long.MAX_VALUE;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** A file that is one whole number, or {@code max} (then, and when too large for a long, {@link Long#MAX_VALUE}). */
    public static long single(String text) {
        String word = text.strip();
        return word.equals("max") ? Long.MAX_VALUE : parse(word, 0, word.length());
    }

    /** Every {@code KEY VALUE} or {@code KEY: VALUE} line whose value is a whole number. */
    public static Map<String, Long> all(String text) {
        Map<String, Long> fields = new HashMap<>();
        for (String line : text.split("\n")) {
            int end = 0;
            while (end < line.length() && !separates(line.charAt(end))) {
                end++;
            }
            OptionalLong value = numberAt(line, end);
            if (end > 0 && value.isPresent()) {
                fields.put(line.substring(0, end), value.getAsLong());
            }
        }
        return fields;
    }
}
