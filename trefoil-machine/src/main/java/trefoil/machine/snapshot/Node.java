package trefoil.machine.snapshot;

import java.util.List;
import java.util.Map;

/** A value of a state record, without its class. */
sealed interface Node {
    /** A record: the simple name of its class, and its components in order. */
    record Struct(String type, Map<String, Node> fields) implements Node {}

    /** A boolean (0, 1), an integer, a char, or the bits of a floating point number. */
    record Word(long bits) implements Node {}

    /** A string, or the name of an enum's constant. */
    record Text(String text) implements Node {}

    /** An array of primitives, each in {@code width} bytes, little-endian. */
    record Packed(int width, byte[] bytes) implements Node {}

    /** A list, or an array of others than primitives. */
    record Many(List<Node> elements) implements Node {}
}
