package trefoil.machine.snapshot;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between state records and {@link Node}s. */
final class RecordForm {
    private RecordForm() {}

    /** @throws IllegalArgumentException for a value of a kind that a state may not hold, which is the device's fault */
    static Node encode(Object value, String path) {
        return switch (value) {
            case null -> throw new IllegalArgumentException("null at " + path);
            case Record struct -> encode(struct, path);
            case Boolean flag -> new Node.Word(flag ? 1 : 0);
            case Character c -> new Node.Word(c);
            case Double d -> new Node.Word(Double.doubleToRawLongBits(d));
            case Float f -> new Node.Word(Float.floatToRawIntBits(f));
            case Byte n -> new Node.Word(n);
            case Short n -> new Node.Word(n);
            case Integer n -> new Node.Word(n);
            case Long n -> new Node.Word(n);
            case String text -> new Node.Text(text);
            case Enum<?> constant -> new Node.Text(constant.name());
            case List<?> list -> many(list, path);
            case Object[] array -> many(List.of(array), path);
            case Object array when array.getClass().isArray() -> PackedArrays.encode(array);
            default -> throw new IllegalArgumentException(path + " is a " + value.getClass().getName());
        };
    }

    private static Node many(List<?> list, String path) {
        List<Node> nodes = new ArrayList<>(list.size());
        for (Object element : list) {
            nodes.add(encode(element, path + "[" + nodes.size() + "]"));
        }
        return new Node.Many(nodes);
    }

    private static Node encode(Record struct, String path) {
        Map<String, Node> fields = new LinkedHashMap<>();
        for (RecordComponent component : struct.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(struct);
                fields.put(component.getName(), encode(value, path + "." + component.getName()));
            } catch (IllegalAccessException e) {
                throw new IllegalArgumentException(struct.getClass() + " is not public and exported", e);
            } catch (InvocationTargetException e) {
                throw new IllegalArgumentException(path + "." + component.getName() + " cannot be read", e);
            }
        }
        return new Node.Struct(struct.getClass().getSimpleName(), fields);
    }

    static Object decode(Node node, Type type, String path) throws SnapshotException {
        return switch (node) {
            case Node.Struct struct -> decode(struct, type, path);
            case Node.Word word -> word(word.bits(), type, path);
            case Node.Text text -> text(text.text(), type, path);
            case Node.Packed packed -> PackedArrays.decode(packed, type, path);
            case Node.Many many -> many(many.elements(), type, path);
        };
    }

    private static Object decode(Node.Struct struct, Type type, String path) throws SnapshotException {
        Class<?> record = recordClass(struct.type(), type, path);
        RecordComponent[] components = record.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            String name = components[i].getName();
            Node field = struct.fields().get(name);
            if (field == null) {
                throw new SnapshotException(path + " has no " + name + ": it was saved by another version of Trefoil");
            }
            types[i] = components[i].getType();
            values[i] = decode(field, components[i].getGenericType(), path + "." + name);
        }
        if (struct.fields().size() != components.length) {
            throw new SnapshotException(path + " has fields that this version of Trefoil does not know: " + struct.fields().keySet());
        }
        return construct(record, types, values, path);
    }

    private static Object construct(Class<?> record, Class<?>[] types, Object[] values, String path) throws SnapshotException {
        try {
            Constructor<?> canonical = record.getDeclaredConstructor(types);
            return canonical.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new SnapshotException(path + " holds what cannot be: " + e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(record + " is not public and exported", e);
        }
    }

    /** The record class meant: the type itself, or the one of a sealed interface that has this simple name. */
    private static Class<?> recordClass(String name, Type type, String path) throws SnapshotException {
        if (type instanceof Class<?> known && known.isRecord()) {
            return known;
        }
        if (type instanceof Class<?> known && known.isSealed()) {
            for (Class<?> permitted : known.getPermittedSubclasses()) {
                if (permitted.getSimpleName().equals(name)) {
                    return permitted;
                }
            }
        }
        throw mismatch(path, "a record " + name, type);
    }

    private static Object word(long bits, Type type, String path) throws SnapshotException {
        if (type == long.class) {
            return bits;
        }
        if (type == double.class) {
            return Double.longBitsToDouble(bits);
        }
        long back = narrowed(bits, type, path);
        if (back != bits) {
            throw mismatch(path, "the number " + bits, type);
        }
        return boxed(bits, type);
    }

    private static long narrowed(long bits, Type type, String path) throws SnapshotException {
        if (type == int.class || type == float.class) {
            return (int) bits;
        } else if (type == short.class) {
            return (short) bits;
        } else if (type == byte.class) {
            return (byte) bits;
        } else if (type == char.class) {
            return (char) bits;
        } else if (type == boolean.class) {
            return bits & 1;
        }
        throw mismatch(path, "a number", type);
    }

    private static Object boxed(long bits, Type type) {
        if (type == int.class) {
            return (int) bits;
        } else if (type == float.class) {
            return Float.intBitsToFloat((int) bits);
        } else if (type == short.class) {
            return (short) bits;
        } else if (type == byte.class) {
            return (byte) bits;
        } else if (type == char.class) {
            return (char) bits;
        }
        return bits != 0;
    }

    private static Object text(String text, Type type, String path) throws SnapshotException {
        if (type == String.class) {
            return text;
        }
        if (type instanceof Class<?> known && known.isEnum()) {
            for (Object constant : known.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(text)) {
                    return constant;
                }
            }
        }
        throw mismatch(path, "\"" + text + "\"", type);
    }

    private static Object many(List<Node> nodes, Type type, String path) throws SnapshotException {
        Type element =
                switch (type) {
                    case ParameterizedType list when list.getRawType() == List.class -> list.getActualTypeArguments()[0];
                    case GenericArrayType array -> array.getGenericComponentType();
                    case Class<?> array when array.isArray() && !array.getComponentType().isPrimitive() -> array.getComponentType();
                    default -> throw mismatch(path, "a list", type);
                };
        List<Object> values = new ArrayList<>(nodes.size());
        for (Node node : nodes) {
            values.add(decode(node, unboxed(element), path + "[" + values.size() + "]"));
        }
        if (type instanceof Class<?> array) {
            return values.toArray((Object[]) Array.newInstance(array.getComponentType(), 0));
        }
        return List.copyOf(values);
    }

    private static Type unboxed(Type type) {
        return type instanceof Class<?> known ? java.lang.invoke.MethodType.methodType(known).unwrap().returnType() : type;
    }

    private static SnapshotException mismatch(String path, String found, Type type) {
        return new SnapshotException(path + " is " + found + ", not a " + type.getTypeName() + ": it was saved by another version of Trefoil");
    }
}
