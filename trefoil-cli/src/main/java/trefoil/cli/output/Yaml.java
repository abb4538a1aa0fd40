package trefoil.cli.output;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import trefoil.api.JsonValue;

/**
 * Prints JSON as YAML 1.2 in block style. JSON's quoted strings and its escapes are YAML's too (YAML 1.2.2, section 1.3); quotes
 * are dropped where nothing could be misread. What is not JSON throws {@link IllegalArgumentException}, and nothing is printed.
 */
public final class Yaml {
    private static final int MAX_DEPTH = 200;

    /** Words that YAML 1.1 readers take for something other than a string. */
    private static final Set<String> TAKEN = Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

    private final StringBuilder text = new StringBuilder();

    private Yaml() {}

    /** Prints a value. */
    public static void print(PrintStream out, JsonValue value) {
        Yaml yaml = new Yaml();
        yaml.append(value, 0, "");
        Utf8.print(out, yaml.text);
    }

    /** Prints values as a sequence. */
    static void print(PrintStream out, List<JsonValue> values) {
        Yaml yaml = new Yaml();
        if (values.isEmpty()) {
            yaml.text.append("[]\n");
        }
        yaml.sequence(values, 0);
        Utf8.print(out, yaml.text);
    }

    /** Appends a value with its line end; {@code before} stands between a collection and what it is the value of. */
    private void append(JsonValue value, int depth, String before) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("JSON nests deeper than " + MAX_DEPTH);
        }
        List<JsonValue.Member> members = value.isObject() ? value.members() : List.of();
        List<JsonValue> elements = value.elements();
        if (members.isEmpty() && elements.isEmpty()) {
            text.append(before.isEmpty() ? "" : " ").append(scalar(value)).append('\n');
            return;
        }
        text.append(before);
        mapping(members, depth);
        sequence(elements, depth);
    }

    private void mapping(List<JsonValue.Member> members, int depth) {
        for (int i = 0; i < members.size(); i++) {
            indent(i, depth);
            text.append(plain(members.get(i).name())).append(':');
            append(members.get(i).value(), depth + 1, "\n" + " ".repeat((depth + 1) * 2));
        }
    }

    private void sequence(List<JsonValue> elements, int depth) {
        for (int i = 0; i < elements.size(); i++) {
            indent(i, depth);
            text.append("- ");
            append(elements.get(i), depth + 1, "");
        }
    }

    /** The first line of a collection stands where its indicator or its indentation has been written. */
    private void indent(int index, int depth) {
        if (index > 0) {
            text.repeat(' ', depth * 2);
        }
    }

    private static String scalar(JsonValue value) {
        if (value.isObject()) {
            return "{}";
        }
        if (value.isArray()) {
            return "[]";
        }
        return value.isString() ? plain(value.literal()) : value.literal();
    }

    /** A JSON string without its quotes where that reads the same: a letter, then letters, digits and {@code _ - . /}. */
    private static String plain(String literal) {
        String inner = literal.substring(1, literal.length() - 1);
        if (inner.isEmpty() || !isLetter(inner.charAt(0)) || TAKEN.contains(inner.toLowerCase(Locale.ROOT))) {
            return literal;
        }
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            if (!isLetter(c) && (c < '0' || c > '9') && "_-./".indexOf(c) < 0) {
                return literal;
            }
        }
        return inner;
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
