package trefoil.cli.output;

import java.io.PrintStream;

/** Prints JSON with one member a line, indented by two blanks. */
public final class PrettyJson {
    private PrettyJson() {}

    /** Prints a JSON text anew; throws {@link IllegalArgumentException} when it is none. */
    public static void print(PrintStream out, String json) {
        StringBuilder text = new StringBuilder(json.length() * 2);
        append(text, JsonNode.parse(json), 0);
        out.println(text);
    }

    private static void append(StringBuilder text, JsonNode node, int depth) {
        switch (node) {
            case JsonNode.Members members -> {
                text.append('{');
                for (int i = 0; i < members.names().size(); i++) {
                    newLine(text, i, depth + 1).append(members.names().get(i)).append(": ");
                    append(text, members.values().get(i), depth + 1);
                }
                close(text, members.names().isEmpty(), depth).append('}');
            }
            case JsonNode.Elements elements -> {
                text.append('[');
                for (int i = 0; i < elements.values().size(); i++) {
                    newLine(text, i, depth + 1);
                    append(text, elements.values().get(i), depth + 1);
                }
                close(text, elements.values().isEmpty(), depth).append(']');
            }
            case JsonNode.Quoted quoted -> text.append(quoted.literal());
            case JsonNode.Bare bare -> text.append(bare.literal());
        }
    }

    private static StringBuilder newLine(StringBuilder text, int index, int depth) {
        return text.append(index == 0 ? "\n" : ",\n").repeat(' ', depth * 2);
    }

    private static StringBuilder close(StringBuilder text, boolean empty, int depth) {
        return empty ? text : text.append('\n').repeat(' ', depth * 2);
    }
}
