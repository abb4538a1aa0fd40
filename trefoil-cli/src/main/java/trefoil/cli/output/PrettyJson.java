package trefoil.cli.output;

import java.io.PrintStream;
import java.util.List;
import trefoil.api.JsonValue;

/** Prints JSON with one member a line, indented by two blanks. What is not JSON throws {@link IllegalArgumentException}, and nothing is printed. */
public final class PrettyJson {
    private static final int MAX_DEPTH = 200;

    private final StringBuilder text = new StringBuilder();

    private PrettyJson() {}

    /** Prints a value. */
    public static void print(PrintStream out, JsonValue value) {
        PrettyJson pretty = new PrettyJson();
        pretty.append(value, 0);
        Utf8.print(out, pretty.text.append('\n'));
    }

    /** Prints values as an array. */
    static void print(PrintStream out, List<JsonValue> values) {
        PrettyJson pretty = new PrettyJson();
        pretty.appendElements(values, 0);
        Utf8.print(out, pretty.text.append('\n'));
    }

    private void append(JsonValue value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("JSON nests deeper than " + MAX_DEPTH);
        }
        if (value.isObject()) {
            appendMembers(value.members(), depth);
        } else if (value.isArray()) {
            appendElements(value.elements(), depth);
        } else {
            text.append(value.literal());
        }
    }

    private void appendMembers(List<JsonValue.Member> members, int depth) {
        text.append('{');
        for (int i = 0; i < members.size(); i++) {
            newLine(i, depth + 1);
            text.append(members.get(i).name()).append(": ");
            append(members.get(i).value(), depth + 1);
        }
        close(members.isEmpty(), depth, '}');
    }

    private void appendElements(List<JsonValue> elements, int depth) {
        text.append('[');
        for (int i = 0; i < elements.size(); i++) {
            newLine(i, depth + 1);
            append(elements.get(i), depth + 1);
        }
        close(elements.isEmpty(), depth, ']');
    }

    private void newLine(int index, int depth) {
        text.append(index == 0 ? "\n" : ",\n").repeat(' ', depth * 2);
    }

    private void close(boolean empty, int depth, char bracket) {
        if (!empty) {
            text.append('\n').repeat(' ', depth * 2);
        }
        text.append(bracket);
    }
}
