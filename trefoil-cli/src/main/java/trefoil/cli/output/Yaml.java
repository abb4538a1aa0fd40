package trefoil.cli.output;

import java.io.PrintStream;
import java.util.Set;

/** Prints JSON as YAML 1.2 in block style. JSON's quoted strings and its escapes are YAML's too (YAML 1.2.2, section 1.3); quotes are dropped where nothing could be misread. */
public final class Yaml {
    /** Words that YAML 1.1 readers take for something other than a string. */
    private static final Set<String> TAKEN = Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

    private Yaml() {}

    /** Prints a JSON text as YAML; throws {@link IllegalArgumentException} when it is not JSON. */
    public static void print(PrintStream out, String json) {
        StringBuilder text = new StringBuilder(json.length() * 2);
        JsonNode node = JsonNode.parse(json);
        if (isBlock(node)) {
            block(text, node, 0);
        } else {
            text.append(scalar(node)).append('\n');
        }
        out.print(text);
    }

    private static boolean isBlock(JsonNode node) {
        return switch (node) {
            case JsonNode.Members members -> !members.names().isEmpty();
            case JsonNode.Elements elements -> !elements.values().isEmpty();
            default -> false;
        };
    }

    /** Lines of a collection that is not empty; the caller has indented the first. */
    private static void block(StringBuilder text, JsonNode node, int depth) {
        if (node instanceof JsonNode.Members members) {
            for (int i = 0; i < members.names().size(); i++) {
                indent(text, i, depth).append(plain(members.names().get(i))).append(':');
                member(text, members.values().get(i), depth);
            }
        } else if (node instanceof JsonNode.Elements elements) {
            for (int i = 0; i < elements.values().size(); i++) {
                JsonNode value = elements.values().get(i);
                indent(text, i, depth).append("- ");
                if (isBlock(value)) {
                    block(text, value, depth + 1);
                } else {
                    text.append(scalar(value)).append('\n');
                }
            }
        }
    }

    private static void member(StringBuilder text, JsonNode value, int depth) {
        if (isBlock(value)) {
            text.append('\n').repeat(' ', (depth + 1) * 2);
            block(text, value, depth + 1);
        } else {
            text.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static StringBuilder indent(StringBuilder text, int index, int depth) {
        return index == 0 ? text : text.repeat(' ', depth * 2);
    }

    private static String scalar(JsonNode node) {
        return switch (node) {
            case JsonNode.Members members -> "{}";
            case JsonNode.Elements elements -> "[]";
            case JsonNode.Quoted quoted -> plain(quoted.literal());
            case JsonNode.Bare bare -> bare.literal();
        };
    }

    /** A JSON string without its quotes where that reads the same: a letter, then letters, digits and {@code _ - . /}. */
    private static String plain(String literal) {
        String inner = literal.substring(1, literal.length() - 1);
        if (inner.isEmpty() || !isLetter(inner.charAt(0)) || TAKEN.contains(inner.toLowerCase(java.util.Locale.ROOT))) {
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
