package trefoil.linux.program;

/** An argument of an operation, or a word of its data: known when the table is laid out for an address. */
public sealed interface Operand {
    /** A number. */
    record Constant(long value, String text) implements Operand {}

    /** The address of a byte of a data block. */
    record InData(Data data, int offset) implements Operand {}

    /** The address of an operation's field. */
    record InOperation(Operation operation, int field) implements Operand {}

    /** A number, printed in decimal. */
    static Operand of(long value) {
        return new Constant(value, Long.toString(value));
    }

    /** A number that has a name. */
    static Operand of(long value, String name) {
        return new Constant(value, name);
    }
}
