package trefoil.daemon.http;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks that a text is JSON (RFC 8259) of a record, strictly: no member unknown, missing its type or given twice,
 * nothing after the end, no deep nesting. Its complaints name the member. It makes no values; the record's own adapter does.
 */
final class JsonShape {
    private static final int DEEPEST = 16;

    private final String text;
    private int at;
    private int depth;

    private JsonShape(String text) {
        this.text = text;
    }

    /** Something wrong with the text, in words. */
    static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fault(String member, String message) {
            super(member.isEmpty() ? message : member + ": " + message, null, false, false);
        }
    }

    /** Passes, or throws a {@link Fault}. */
    static void check(String text, Class<?> type) {
        JsonShape shape = new JsonShape(text);
        shape.value("", type);
        shape.space();
        if (shape.at < text.length()) {
            throw new Fault("", "something follows the end of the JSON object at character " + (shape.at + 1));
        }
    }

    private void value(String member, Type type) {
        space();
        char c = peek(member);
        if (c == 'n') {
            word(member, "null");
            if (member.isEmpty() || member.endsWith("]") || type instanceof Class<?> p && p.isPrimitive()) {
                throw new Fault(member, "null is not allowed here; " + expected(type));
            }
            return;
        }
        boolean fits = switch (c) {
            case '{' -> isObject(type);
            case '[' -> isList(type);
            case '"' -> type == String.class || isEnum(type);
            case 't', 'f' -> type == Boolean.class || type == boolean.class;
            default -> isNumber(type);
        };
        if (!fits) {
            throw new Fault(member, expected(type));
        }
        switch (c) {
            case '{' -> object(member, type);
            case '[' -> list(member, type);
            case '"' -> choice(member, string(member), type);
            case 't' -> word(member, "true");
            case 'f' -> word(member, "false");
            default -> number(member, (Class<?>) type);
        }
    }

    private void object(String member, Type type) {
        deeper(member);
        Map<String, Type> known = members(type);
        Set<String> seen = new HashSet<>();
        at++;
        space();
        if (peek(member) == '}') {
            at++;
            depth--;
            return;
        }
        while (true) {
            space();
            String name = string(member);
            String path = member.isEmpty() ? name : member + "." + name;
            if (!seen.add(name)) {
                throw new Fault(path, "it is given twice");
            }
            Type valueType = known == null ? String.class : known.get(name);
            if (valueType == null) {
                throw new Fault(path, "unknown member; known are " + String.join(", ", known.keySet()));
            }
            space();
            expect(path, ':');
            value(path, valueType);
            space();
            if (peek(member) == ',') {
                at++;
            } else {
                expect(member, '}');
                depth--;
                return;
            }
        }
    }

    private void list(String member, Type type) {
        deeper(member);
        Type element = ((ParameterizedType) type).getActualTypeArguments()[0];
        at++;
        space();
        if (peek(member) == ']') {
            at++;
            depth--;
            return;
        }
        for (int i = 0; ; i++) {
            value(member + "[" + i + "]", element);
            space();
            if (peek(member) == ',') {
                at++;
            } else {
                expect(member, ']');
                depth--;
                return;
            }
        }
    }

    private void deeper(String member) {
        if (++depth > DEEPEST) {
            throw new Fault(member, "nested more than " + DEEPEST + " deep");
        }
    }

    private static void choice(String member, String given, Type type) {
        if (type instanceof Class<?> c && c.isEnum()) {
            List<String> words =
                    Arrays.stream(c.getEnumConstants()).map(Object::toString).toList();
            if (!words.contains(given)) {
                throw new Fault(member, "'" + shortened(given) + "' is not one of " + String.join(", ", words));
            }
        }
    }

    private void number(String member, Class<?> type) {
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        if (!digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?") || digits.length() > 40) {
            throw digits.isEmpty()
                    ? new Fault(member, "not JSON at character " + (start + 1) + "; " + expected(type))
                    : new Fault(member, "'" + shortened(digits) + "' is not a number as JSON writes it");
        }
        if (type == Double.class || type == double.class) {
            return;
        }
        boolean isInt = type == Integer.class || type == int.class;
        if (!digits.matches("-?[0-9]+")) {
            throw new Fault(member, digits + " is not a whole number");
        }
        BigDecimal value = new BigDecimal(digits);
        BigDecimal most = BigDecimal.valueOf(isInt ? Integer.MAX_VALUE : Long.MAX_VALUE);
        if (value.abs().compareTo(most) > 0) {
            throw new Fault(member, digits + " is beyond " + most);
        }
    }

    private String string(String member) {
        expect(member, '"');
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = peek(member);
            at++;
            if (c == '"') {
                return value.toString();
            }
            if (c < 0x20) {
                throw new Fault(member, "a text holds an unescaped control character at character " + at);
            }
            value.append(c == '\\' ? escaped(member) : c);
        }
    }

    private char escaped(String member) {
        char c = peek(member);
        at++;
        int plain = "\"\\/bfnrt".indexOf(c);
        if (plain >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        if (c == 'u' && at + 4 <= text.length() && text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
            at += 4;
            return (char) Integer.parseInt(text, at - 4, at, 16);
        }
        throw new Fault(member, "a text holds a malformed escape at character " + at);
    }

    private void word(String member, String word) {
        if (!text.startsWith(word, at)) {
            throw new Fault(member, "not JSON at character " + (at + 1));
        }
        at += word.length();
    }

    private void expect(String member, char wanted) {
        if (peek(member) != wanted) {
            throw new Fault(member, "not JSON: '" + wanted + "' is expected at character " + (at + 1) + ", not '" + text.charAt(at) + "'");
        }
        at++;
    }

    private char peek(String member) {
        if (at >= text.length()) {
            throw new Fault(member, "the JSON ends too early");
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private static boolean isObject(Type type) {
        return type instanceof Class<?> c && c.isRecord() || type instanceof ParameterizedType p && p.getRawType() == Map.class;
    }

    private static boolean isList(Type type) {
        return type instanceof ParameterizedType p && p.getRawType() == List.class;
    }

    private static boolean isEnum(Type type) {
        return type instanceof Class<?> c && c.isEnum();
    }

    private static boolean isNumber(Type type) {
        return type == Integer.class || type == int.class || type == Long.class || type == long.class
                || type == Double.class || type == double.class;
    }

    /** The members of a record; {@code null} for a map, whose values are texts. */
    private static Map<String, Type> members(Type type) {
        if (!(type instanceof Class<?> c)) {
            return null;
        }
        Map<String, Type> members = new LinkedHashMap<>();
        for (RecordComponent component : c.getRecordComponents()) {
            members.put(component.getName(), component.getGenericType());
        }
        return members;
    }

    private static String expected(Type type) {
        if (isObject(type)) {
            return "an object is expected";
        }
        if (isList(type)) {
            return "a list is expected";
        }
        if (isEnum(type) || type == String.class) {
            return "a text is expected";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false is expected";
        }
        return type == Double.class || type == double.class ? "a number is expected" : "a whole number is expected";
    }

    private static String shortened(String given) {
        return given.length() > 60 ? given.substring(0, 60) + "…" : given;
    }
}
