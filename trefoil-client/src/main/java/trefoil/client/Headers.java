package trefoil.client;

import java.util.ArrayList;
import java.util.List;

/** Header fields of a message in their order; names are compared without case (RFC 9110, section 5.1). */
final class Headers {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    /** Adds a field; refuses characters that could end the line (RFC 9110, section 5.5). */
    Headers add(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("header " + name + " may not hold the character U+" + Integer.toHexString(c));
            }
        }
        names.add(name);
        values.add(value);
        return this;
    }

    /** The first value of a field, or {@code null}. */
    String get(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return values.get(i);
            }
        }
        return null;
    }

    /** Whether a list-valued field holds a word, compared without case. */
    boolean has(String name, String word) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name) && holdsWord(values.get(i), word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holdsWord(String list, String word) {
        int start = 0;
        while (start <= list.length()) {
            int comma = list.indexOf(',', start);
            int end = comma < 0 ? list.length() : comma;
            if (list.substring(start, end).strip().equalsIgnoreCase(word)) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    void writeTo(StringBuilder out) {
        for (int i = 0; i < names.size(); i++) {
            out.append(names.get(i)).append(": ").append(values.get(i)).append("\r\n");
        }
    }
}
