package trefoil.daemon.http;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a record from JSON (RFC 8259), strictly: no member unknown, of another type or given twice, no text that is not
 * Unicode, nothing after the end, no deep nesting. Its complaints name the member. A member that is absent or {@code null}
 * is {@code null}, a number of a primitive type 0. Knows records, lists, maps of texts, texts, numbers, truth values and
 * enumerations by their {@code toString}.
 */
public final class RecordReader {
    private static final int DEEPEST = 16;
    private static final ClassValue<Shape> SHAPES = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return Shape.of(type);
        }
    };

    /** A record's members in their order, and its constructor of them. */
    private record Shape(Map<String, Type> members, Constructor<?> constructor) {
        static Shape of(Class<?> type) {
            RecordComponent[] components = type.getRecordComponents();
            Map<String, Type> members = new LinkedHashMap<>();
            for (RecordComponent component : components) {
                members.put(component.getName(), component.getGenericType());
            }
            try {
                Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
                return new Shape(members, type.getDeclaredConstructor(types));
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(type + " has no constructor of its components", e);
            }
        }

        Object make(Map<String, Object> values) {
            Object[] arguments = new Object[members.size()];
            int i = 0;
            for (Map.Entry<String, Type> member : members.entrySet()) {
                Object value = values.get(member.getKey());
                arguments[i++] = value == null ? absent(member.getValue()) : value;
            }
            try {
                return constructor.newInstance(arguments);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(constructor + " did not take what was read", e);
            }
        }

        private static Object absent(Type type) {
            if (type == int.class) {
                return 0;
            }
            if (type == long.class) {
                return 0L;
            }
            if (type == double.class) {
                return 0.0;
            }
            return type == boolean.class ? Boolean.FALSE : null;
        }
    }

    private final String text;
    private int at;
    private int depth;

    private RecordReader(String text) {
        this.text = text;
    }

    /** Something wrong with the text, in words. */
    public static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** @param member where it stands, such as {@code ports[0].hostPort}; empty for the whole */
        public Fault(String member, String message) {
            super(member.isEmpty() ? message : member + ": " + message, null, false, false);
        }
    }

    /** The record, or a {@link Fault}. */
    public static <T> T read(String text, Class<T> type) {
        RecordReader reader = new RecordReader(text);
        Object value = reader.value("", type);
        reader.space();
        if (reader.at < text.length()) {
            throw new Fault("", "something follows the end of the JSON object at character " + (reader.at + 1));
        }
        return type.cast(value);
    }

    private Object value(String member, Type type) {
        space();
        char c = peek(member);
        if (c == 'n') {
            word(member, "null");
            if (!mayBeNull(member, type)) {
                throw new Fault(member, "null is not allowed here; " + expected(type));
            }
            return null;
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
        return switch (c) {
            case '{' -> type instanceof Class<?> record ? record(member, record) : texts(member);
            case '[' -> list(member, ((ParameterizedType) type).getActualTypeArguments()[0]);
            case '"' -> choice(member, string(member), (Class<?>) type);
            case 't' -> word(member, "true");
            case 'f' -> word(member, "false");
            default -> number(member, (Class<?>) type);
        };
    }

    private static boolean mayBeNull(String member, Type type) {
        return !member.isEmpty() && !member.endsWith("]") && !(type instanceof Class<?> c && c.isPrimitive());
    }

    private Object record(String member, Class<?> type) {
        Shape shape = SHAPES.get(type);
        return shape.make(members(member, (path, name) -> {
            Type known = shape.members().get(name);
            if (known == null) {
                throw new Fault(path, "unknown member; known are " + String.join(", ", shape.members().keySet()));
            }
            return value(path, known);
        }));
    }

    private Map<String, Object> texts(String member) {
        return members(member, (path, name) -> {
            Object text = value(path, String.class);
            if (text == null) {
                throw new Fault(path, "null is not allowed here; " + expected(String.class));
            }
            return text;
        });
    }

    /** Reads the value of a member. */
    private interface Values {
        Object read(String path, String name);
    }

    private Map<String, Object> members(String member, Values values) {
        deeper(member);
        Map<String, Object> read = new LinkedHashMap<>();
        at++;
        space();
        if (peek(member) == '}') {
            at++;
            depth--;
            return read;
        }
        while (true) {
            space();
            String name = string(member);
            String path = member.isEmpty() ? shortened(name) : member + "." + shortened(name);
            if (read.containsKey(name)) {
                throw new Fault(path, "it is given twice");
            }
            space();
            expect(path, ':');
            read.put(name, values.read(path, name));
            space();
            if (peek(member) == ',') {
                at++;
            } else {
                expect(member, '}');
                depth--;
                return read;
            }
        }
    }

    private List<Object> list(String member, Type element) {
        deeper(member);
        List<Object> read = new ArrayList<>();
        at++;
        space();
        if (peek(member) == ']') {
            at++;
            depth--;
            return read;
        }
        while (true) {
            read.add(value(member + "[" + read.size() + "]", element));
            space();
            if (peek(member) == ',') {
                at++;
            } else {
                expect(member, ']');
                depth--;
                return read;
            }
        }
    }

    private void deeper(String member) {
        if (++depth > DEEPEST) {
            throw new Fault(member, "nested more than " + DEEPEST + " deep");
        }
    }

    private static Object choice(String member, String given, Class<?> type) {
        if (!type.isEnum()) {
            return given;
        }
        for (Object constant : type.getEnumConstants()) {
            if (constant.toString().equals(given)) {
                return constant;
            }
        }
        List<String> words = Arrays.stream(type.getEnumConstants()).map(Object::toString).toList();
        throw new Fault(member, "'" + shortened(given) + "' is not one of " + String.join(", ", words));
    }

    private Object number(String member, Class<?> type) {
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
            return Double.valueOf(digits);
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
        return isInt ? (Object) value.intValue() : (Object) value.longValue();
    }

    private String string(String member) {
        expect(member, '"');
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = peek(member);
            at++;
            if (c == '"') {
                return unicode(member, value.toString());
            }
            if (c < 0x20) {
                throw new Fault(member, "a text holds an unescaped control character at character " + at);
            }
            value.append(c == '\\' ? escaped(member) : c);
        }
    }

    /** Half a pair of surrogates is no character: no text that holds one can be written down. */
    private static String unicode(String member, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && text.codePointAt(i) == text.charAt(i)) {
                throw new Fault(member, "a text holds half a character: \\u" + Integer.toHexString(text.charAt(i)) + " without its other half");
            }
            if (Character.isHighSurrogate(text.charAt(i))) {
                i++;
            }
        }
        return text;
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

    private Object word(String member, String word) {
        if (!text.startsWith(word, at)) {
            throw new Fault(member, "not JSON at character " + (at + 1));
        }
        at += word.length();
        return word.equals("true");
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
