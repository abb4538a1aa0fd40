package trefoil.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A JSON text (RFC 8259) that is read only as far as it is asked, and keeps numbers and strings as they were written. For
 * answers of which little is shown, such as a few members of each of a thousand servers: it costs neither adapters nor objects
 * for the rest, and what a newer daemon adds is passed on whole. Immutable as long as nobody changes the octets it is made from.
 *
 * <p>What is skipped is not checked beyond its strings and the number of its brackets; what is looked at is. A text that is
 * not JSON throws {@link IllegalArgumentException}.
 */
public final class JsonValue {
    /**
     * A member of an object.
     *
     * @param name its name as written, with quotes
     * @param value its value
     */
    public record Member(String name, JsonValue value) {}

    private final byte[] text;
    private final int start;
    private final int end;

    private JsonValue(byte[] text, int start, int end) {
        this.text = text;
        this.start = start;
        this.end = end;
    }

    /** The one value that a text in UTF-8 holds. */
    public static JsonValue of(byte[] utf8) {
        int start = blanks(utf8, 0);
        int end = skip(utf8, start, utf8.length);
        if (blanks(utf8, end) < utf8.length) {
            throw wrong(end);
        }
        return new JsonValue(utf8, start, end);
    }

    /** The one value that a text holds. */
    public static JsonValue of(String json) {
        return of(json.getBytes(StandardCharsets.UTF_8));
    }

    public boolean isObject() {
        return text[start] == '{';
    }

    public boolean isArray() {
        return text[start] == '[';
    }

    public boolean isString() {
        return text[start] == '"';
    }

    /** The text as it was written. */
    public String literal() {
        return new String(text, start, end - start, StandardCharsets.UTF_8);
    }

    /** The text as it was written, in UTF-8. */
    public byte[] octets() {
        return Arrays.copyOfRange(text, start, end);
    }

    /** What a string says; of anything else the text as written. */
    public String string() {
        String inner = isString() ? new String(text, start + 1, end - start - 2, StandardCharsets.UTF_8) : literal();
        return isString() && inner.indexOf('\\') >= 0 ? unescaped(inner) : inner;
    }

    /** The member of an object, or {@code null} where it is absent, JSON's {@code null}, or this is no object. */
    public JsonValue member(String name) {
        if (!isObject()) {
            return null;
        }
        int at = blanks(text, start + 1);
        while (text[at] != '}') {
            int nameEnd = stringEnd(at);
            int value = afterColon(nameEnd);
            int valueEnd = skip(text, value, end);
            if (isName(at + 1, nameEnd - 1, name)) {
                return text[value] == 'n' ? null : new JsonValue(text, value, valueEnd);
            }
            at = afterComma(valueEnd, '}');
        }
        return null;
    }

    /** What the member of an object says as {@link #string} tells it, or {@code null} where {@link #member} is. */
    public String string(String member) {
        JsonValue value = member(member);
        return value == null ? null : value.string();
    }

    /** The members of an object, in their order. */
    public List<Member> members() {
        List<Member> members = new ArrayList<>();
        int at = blanks(text, start + 1);
        while (text[at] != '}') {
            int nameEnd = stringEnd(at);
            int value = afterColon(nameEnd);
            int valueEnd = skip(text, value, end);
            String name = new String(text, at, nameEnd - at, StandardCharsets.UTF_8);
            members.add(new Member(name, new JsonValue(text, value, valueEnd)));
            at = afterComma(valueEnd, '}');
        }
        return members;
    }

    /** The elements of an array, in their order; none where this is no array. */
    public List<JsonValue> elements() {
        List<JsonValue> elements = new ArrayList<>();
        if (isArray()) {
            int at = blanks(text, start + 1);
            while (text[at] != ']') {
                int valueEnd = skip(text, at, end);
                elements.add(new JsonValue(text, at, valueEnd));
                at = afterComma(valueEnd, ']');
            }
        }
        return elements;
    }

    /** The text as it was written. */
    @Override
    public String toString() {
        return literal();
    }

    private boolean isName(int from, int to, String name) {
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (text[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int stringEnd(int at) {
        if (text[at] != '"') {
            throw wrong(at);
        }
        return skipString(text, at + 1, end);
    }

    private int afterColon(int at) {
        int colon = blanks(text, at);
        if (text[colon] != ':') {
            throw wrong(colon);
        }
        return blanks(text, colon + 1);
    }

    /** Where the next member or element begins, or where {@code close} stands. */
    private int afterComma(int at, char close) {
        int next = blanks(text, at);
        if (text[next] == close) {
            return next;
        }
        int following = text[next] == ',' ? blanks(text, next + 1) : end;
        if (following >= end - 1 || text[following] == close) {
            throw wrong(next);
        }
        return following;
    }

    private static int blanks(byte[] text, int at) {
        int next = at;
        while (next < text.length && (text[next] == ' ' || text[next] == '\n' || text[next] == '\r' || text[next] == '\t')) {
            next++;
        }
        return next;
    }

    /** The offset behind the value at {@code at}. */
    private static int skip(byte[] text, int at, int limit) {
        if (at >= limit) {
            throw wrong(at);
        }
        return switch (text[at]) {
            case '{', '[' -> skipNested(text, at, limit);
            case '"' -> skipString(text, at + 1, limit);
            default -> skipBare(text, at, limit);
        };
    }

    private static int skipNested(byte[] text, int at, int limit) {
        int depth = 0;
        int next = at;
        while (next < limit) {
            byte c = text[next++];
            if (c == '"') {
                next = skipString(text, next, limit);
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return next;
            }
        }
        throw wrong(limit);
    }

    /** The offset behind the quote that ends a string, from the first octet behind the one that begins it. */
    private static int skipString(byte[] text, int at, int limit) {
        int next = at;
        while (next < limit) {
            byte c = text[next++];
            if (c == '"') {
                return next;
            }
            if (c == '\\') {
                next++;
            }
        }
        throw wrong(limit);
    }

    private static int skipBare(byte[] text, int at, int limit) {
        int next = at;
        while (next < limit && isBare(text[next])) {
            next++;
        }
        if (next == at) {
            throw wrong(at);
        }
        return next;
    }

    private static boolean isBare(byte c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'E';
    }

    /** A string's escapes (RFC 8259, section 7) as the characters that they stand for. */
    private static String unescaped(String inner) {
        StringBuilder out = new StringBuilder(inner.length());
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = inner.charAt(++i);
            switch (escape) {
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'u' -> {
                    out.append((char) Integer.parseInt(inner, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> out.append(escape);
            }
        }
        return out.toString();
    }

    private static IllegalArgumentException wrong(int at) {
        return new IllegalArgumentException("not JSON, at octet " + at);
    }
}
