package trefoil.cli.output;

import java.util.ArrayList;
import java.util.List;

/** JSON text (RFC 8259) as a tree that keeps numbers and strings as they were written, for printing it anew. */
sealed interface JsonNode {
    /** An object's members in their order; names are JSON strings with their quotes. */
    record Members(List<String> names, List<JsonNode> values) implements JsonNode {}

    record Elements(List<JsonNode> values) implements JsonNode {}

    /** A string as written, with its quotes and escapes. */
    record Quoted(String literal) implements JsonNode {}

    /** A number, {@code true}, {@code false} or {@code null}. */
    record Bare(String literal) implements JsonNode {}

    /** Parses a text. */
    static JsonNode parse(String text) {
        Parser parser = new Parser(text);
        JsonNode node = parser.value(0);
        parser.blanks();
        if (parser.at < text.length()) {
            throw parser.wrong();
        }
        return node;
    }

    /** Recursive descent; deep nesting is refused before it can exhaust the stack. */
    final class Parser {
        private static final int MAX_DEPTH = 200;

        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        private JsonNode value(int depth) {
            if (depth > MAX_DEPTH) {
                throw new IllegalArgumentException("JSON nests deeper than " + MAX_DEPTH);
            }
            return switch (peek()) {
                case '{' -> members(depth);
                case '[' -> elements(depth);
                case '"' -> new Quoted(string());
                default -> bare();
            };
        }

        private Members members(int depth) {
            List<String> names = new ArrayList<>();
            List<JsonNode> values = new ArrayList<>();
            at++;
            if (peek() != '}') {
                do {
                    if (peek() != '"') {
                        throw wrong();
                    }
                    names.add(string());
                    expect(':');
                    values.add(value(depth + 1));
                } while (comma());
            }
            expect('}');
            return new Members(names, values);
        }

        private Elements elements(int depth) {
            List<JsonNode> values = new ArrayList<>();
            at++;
            if (peek() != ']') {
                do {
                    values.add(value(depth + 1));
                } while (comma());
            }
            expect(']');
            return new Elements(values);
        }

        private String string() {
            int start = at++;
            while (at < text.length() && text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            if (at >= text.length()) {
                throw wrong();
            }
            return text.substring(start, ++at);
        }

        private Bare bare() {
            int start = at;
            while (at < text.length() && isBare(text.charAt(at))) {
                at++;
            }
            if (at == start) {
                throw wrong();
            }
            return new Bare(text.substring(start, at));
        }

        private static boolean isBare(char c) {
            return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'E';
        }

        private boolean comma() {
            if (peek() == ',') {
                at++;
                return true;
            }
            return false;
        }

        private void expect(char c) {
            if (peek() != c) {
                throw wrong();
            }
            at++;
        }

        private char peek() {
            blanks();
            if (at >= text.length()) {
                throw wrong();
            }
            return text.charAt(at);
        }

        private void blanks() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException("not JSON, at character " + at);
        }
    }
}
