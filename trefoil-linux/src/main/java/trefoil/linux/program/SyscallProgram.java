package trefoil.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Builds a program for the {@link Interpreter}: operations in the order written, labels, and the data that they point
 * to. Not thread-safe.
 *
 * <pre>{@code
 * SyscallProgram program = new SyscallProgram("hello");
 * Data text = program.string("hello\n");
 * program.call("greet", Call.WRITE, 1, text, 6);
 * program.call("end", Call.EXIT_GROUP, 0);
 * program.failHere();
 * program.call("give up", Call.EXIT_GROUP, 111);
 * ProgramImage image = program.at(0x1000_0000L);
 * }</pre>
 */
public final class SyscallProgram {
    private final String name;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Data> blocks = new ArrayList<>();
    private final Operation.Label failure = new Operation.Label("failure");
    private boolean hasFailure;

    /** An empty program; the name is for its listing. */
    public SyscallProgram(String name) {
        this.name = name;
    }

    /** Bytes that the program may read and write. */
    public Data data(String text, byte[] bytes) {
        Data block = new Data(text, bytes.clone());
        blocks.add(block);
        return block;
    }

    /** Zeros that the program may read and write. */
    public Data zeros(String text, int size) {
        return data(text, new byte[size]);
    }

    /** A C string: the text in UTF-8 and a zero. */
    public Data string(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a string with a zero in it: " + text.replace('\0', '?'));
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[utf8.length + 1];
        System.arraycopy(utf8, 0, bytes, 0, utf8.length);
        return data('"' + text.replace("\n", "\\n") + '"', bytes);
    }

    /** A null-terminated array of pointers to C strings, as execve(2) takes. */
    public Data strings(String text, List<String> values) {
        Data array = zeros(text, 8 * (values.size() + 1));
        for (int i = 0; i < values.size(); i++) {
            array.put(8 * i, string(values.get(i)).address());
        }
        return array;
    }

    /**
     * Writes the next operation.
     *
     * @param purpose what it is for, in a few words; a failure is reported with them
     * @param arguments {@link Operand}s, {@link Data} (their address) or numbers
     */
    public Operation call(String purpose, Call call, Object... arguments) {
        Operation operation = new Operation(operations.size(), purpose, call, Operation.operands(arguments));
        operations.add(operation);
        return operation;
    }

    /** A label to be placed later. */
    public Operation.Label label(String labelName) {
        return new Operation.Label(labelName);
    }

    /** A label placed at the next operation. */
    public Operation.Label here(String labelName) {
        return here(label(labelName));
    }

    /** Places a label at the next operation. */
    public Operation.Label here(Operation.Label label) {
        label.place(operations.size());
        return label;
    }

    /** Where failed operations go that say nothing else: the next operation. */
    public void failHere() {
        failure.place(operations.size());
        hasFailure = true;
    }

    /** Where {@link #failHere} is, for operations that fail by other results than negative ones. */
    public Operation.Label failure() {
        return failure;
    }

    /** Lays the program out for an address. */
    public ProgramImage at(long base) {
        int size = operations.size() * Interpreter.OPERATION;
        for (Data block : blocks) {
            block.place(size);
            size += block.size() + 7 & ~7;
        }
        ByteBuffer image = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        for (Operation operation : operations) {
            write(image, base, operation);
        }
        for (Data block : blocks) {
            block.write(image, base);
        }
        return new ProgramImage(name, base, image.array(), Collections.unmodifiableList(operations), failureIndex());
    }

    private int failureIndex() {
        return hasFailure ? failure.index() : -1;
    }

    private void write(ByteBuffer image, long base, Operation operation) {
        int at = operation.offset();
        image.putLong(at, operation.call().number());
        for (int i = 0; i < operation.arguments().size(); i++) {
            image.putLong(at + Interpreter.ARGUMENTS + 8 * i, value(operation.arguments().get(i), base));
        }
        Operand destination = operation.destination() == null ? operation.result() : operation.destination();
        image.putLong(at + Interpreter.DESTINATION, value(destination, base));
        long next = operation.outside() != 0
                ? operation.outside()
                : branch(operation, operation.next() == null ? Operation.Label.FOLLOWING : operation.next(), base);
        image.putLong(at + Interpreter.NEXT, next);
        Operation.Label onError = operation.errorLabel() == null ? exit(operation) : operation.errorLabel();
        image.putLong(at + Interpreter.ON_ERROR, branch(operation, onError, base));
        long onZero = operation.zeroLabel() == null ? next : branch(operation, operation.zeroLabel(), base);
        image.putLong(at + Interpreter.ON_ZERO, onZero);
        image.putLong(at + Interpreter.RESULT, ProgramImage.NOT_RUN);
    }

    /** exit_group never fails: what would follow is never reached. */
    private Operation.Label exit(Operation operation) {
        return operation.call() == Call.EXIT_GROUP ? Operation.Label.FOLLOWING : failure;
    }

    private long branch(Operation from, Operation.Label label, long base) {
        int index = label == Operation.Label.FOLLOWING ? from.index() + 1 : label.index();
        if (index >= operations.size() && from.call() != Call.EXIT_GROUP) {
            throw new IllegalStateException("nothing follows " + from);
        }
        return base + (long) index * Interpreter.OPERATION;
    }

    private static long value(Operand operand, long base) {
        return switch (operand) {
            case Operand.Constant constant -> constant.value();
            case Operand.InData(Data data, int at) -> base + data.offset() + at;
            case Operand.InOperation(Operation other, int field) -> base + other.offset() + field;
        };
    }
}
