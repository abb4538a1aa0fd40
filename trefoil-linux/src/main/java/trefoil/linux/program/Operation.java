package trefoil.linux.program;

import java.util.Arrays;
import java.util.List;

/**
 * One operation of a program: a call, its arguments, and what follows. By default the operation written next follows a
 * result of zero or more, and the program's failure exit follows a negative one. Not thread-safe.
 */
public final class Operation {
    private final String purpose;
    private final Call call;
    private final List<Operand> arguments;
    private final int index;
    private Operand destination;
    private Label next;
    private Label onError;
    private Label onZero;
    private long outside;

    Operation(int index, String purpose, Call call, List<Operand> arguments) {
        if (arguments.size() > 6) {
            throw new IllegalArgumentException("a system call has at most six arguments: " + call);
        }
        this.index = index;
        this.purpose = purpose;
        this.call = call;
        this.arguments = arguments;
    }

    /** Stores the result at an address as well. */
    public Operation to(Operand address) {
        destination = address;
        return this;
    }

    /** Makes the result an argument (0–5) of another operation. */
    public Operation to(Operation other, int argument) {
        return to(other.argument(argument));
    }

    /** What follows a positive result, and zero unless {@link #onZero} says otherwise. */
    public Operation then(Label label) {
        next = label;
        return this;
    }

    /** A positive result is followed by an operation outside of this program, at this address. */
    public Operation leaveTo(long address) {
        outside = address;
        return this;
    }

    /** What follows a negative result. */
    public Operation onError(Label label) {
        onError = label;
        return this;
    }

    /** Goes on as if nothing happened when the call fails. */
    public Operation tolerant() {
        return onError(Label.FOLLOWING);
    }

    /** What follows the result zero. */
    public Operation onZero(Label label) {
        onZero = label;
        return this;
    }

    /** The address of an argument (0–5). */
    public Operand argument(int number) {
        if (number < 0 || number > 5) {
            throw new IllegalArgumentException("no argument " + number);
        }
        return new Operand.InOperation(this, Interpreter.ARGUMENTS + 8 * number);
    }

    /** The address of what follows a positive result: written to by programs that compute where they go. */
    public Operand successor() {
        return new Operand.InOperation(this, Interpreter.NEXT);
    }

    /** The address of its result. */
    public Operand result() {
        return new Operand.InOperation(this, Interpreter.RESULT);
    }

    /** What it is for, in a few words. */
    public String purpose() {
        return purpose;
    }

    /** What it does. */
    public Call call() {
        return call;
    }

    /** Its arguments, as given. */
    public List<Operand> arguments() {
        return arguments;
    }

    int index() {
        return index;
    }

    int offset() {
        return index * Interpreter.OPERATION;
    }

    Operand destination() {
        return destination;
    }

    Label next() {
        return next;
    }

    long outside() {
        return outside;
    }

    Label errorLabel() {
        return onError;
    }

    Label zeroLabel() {
        return onZero;
    }

    /** The call with its arguments, for people: {@code openat(AT_FDCWD, "/dev/null", O_RDWR)}. */
    public String text() {
        StringBuilder text = new StringBuilder(call.symbol()).append('(');
        for (int i = 0; i < arguments.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(describe(arguments.get(i)));
        }
        return text.append(')').toString();
    }

    static String describe(Operand operand) {
        return switch (operand) {
            case Operand.Constant constant -> constant.text();
            case Operand.InData(Data data, int at) -> at == 0 ? data.toString() : data + "+" + at;
            case Operand.InOperation(Operation other, int field) ->
                "&" + other.index + "." + field(field);
        };
    }

    private static String field(int field) {
        return switch (field) {
            case Interpreter.NEXT -> "next";
            case Interpreter.RESULT -> "result";
            default -> "a" + (field - Interpreter.ARGUMENTS) / 8;
        };
    }

    @Override
    public String toString() {
        return purpose + ": " + text();
    }

    /** A place in a program that operations branch to. */
    public static final class Label {
        /** Whatever operation is written next. */
        static final Label FOLLOWING = new Label("following");

        private final String name;
        private int index = -1;

        Label(String name) {
            this.name = name;
        }

        void place(int at) {
            if (index >= 0) {
                throw new IllegalStateException("placed twice: " + name);
            }
            index = at;
        }

        int index() {
            if (index < 0) {
                throw new IllegalStateException("never placed: " + name);
            }
            return index;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Numbers as operands. */
    static List<Operand> operands(Object... values) {
        return Arrays.stream(values)
                .map(value -> switch (value) {
                    case Operand operand -> operand;
                    case Data data -> data.address();
                    case Number number -> Operand.of(number.longValue());
                    default -> throw new IllegalArgumentException("not an operand: " + value);
                })
                .toList();
    }
}
