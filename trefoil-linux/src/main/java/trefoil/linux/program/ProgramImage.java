package trefoil.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import trefoil.linux.Errno;

/**
 * A program laid out for an address, and the reader of what became of it. The table is written by whoever runs it: give
 * {@link #failure} and {@link #result} the memory as it is afterwards. Immutable.
 */
public final class ProgramImage {
    /** What an operation's result holds until it has run. */
    public static final long NOT_RUN = 0x7E57_7E57_7E57_7E57L;

    private static final int MOST_ERRNO = 4095;

    private final String name;
    private final long base;
    private final byte[] bytes;
    private final List<Operation> operations;
    private final int failureIndex;

    ProgramImage(String name, long base, byte[] bytes, List<Operation> operations, int failureIndex) {
        this.name = name;
        this.base = base;
        this.bytes = bytes;
        this.operations = operations;
        this.failureIndex = failureIndex;
    }

    /**
     * The operation that ended a program.
     *
     * @param operation which
     * @param errno its error number, see {@link Errno}
     */
    public record Failure(Operation operation, int errno) {
        /** For people: {@code attach /proc: move_mount(…): Permission denied (EACCES)}. */
        @Override
        public String toString() {
            return operation + ": " + Errno.message(errno) + " (" + Errno.name(errno) + ")";
        }
    }

    /** The address that the program is laid out for; also that of its first operation. */
    public long base() {
        return base;
    }

    /** The memory to map there. A new array. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Its size in bytes. */
    public int size() {
        return bytes.length;
    }

    /** Its operations in order. */
    public List<Operation> operations() {
        return operations;
    }

    /** What an operation returned, or {@link #NOT_RUN}. */
    public static long result(byte[] memory, Operation operation) {
        return ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN).getLong(operation.offset() + Interpreter.RESULT);
    }

    /** Whether an operation has run. */
    public static boolean ran(byte[] memory, Operation operation) {
        return result(memory, operation) != NOT_RUN;
    }

    /** The value of a 64-bit word of data. */
    public static long word(byte[] memory, Operand.InData at) {
        return ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN).getLong(at.data().offset() + at.offset());
    }

    /** The operation after which the program gave up, if it did. */
    public Optional<Failure> failure(byte[] memory) {
        if (failureIndex < 0) {
            return Optional.empty();
        }
        ByteBuffer table = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
        long exit = base + (long) failureIndex * Interpreter.OPERATION;
        for (Operation operation : operations) {
            long result = table.getLong(operation.offset() + Interpreter.RESULT);
            long onError = table.getLong(operation.offset() + Interpreter.ON_ERROR);
            if (result < 0 && result >= -MOST_ERRNO && onError == exit) {
                return Optional.of(new Failure(operation, (int) -result));
            }
        }
        return Optional.empty();
    }

    /** The program for people: one operation a line, with its purpose and where it goes on. */
    public String listing() {
        StringBuilder text = new StringBuilder(name).append('\n');
        for (Operation operation : operations) {
            text.append(String.format("%4d  %s", operation.index(), operation.text()));
            if (operation.destination() != null) {
                text.append(" -> ").append(Operation.describe(operation.destination()));
            }
            if (operation.outside() != 0) {
                text.append(", then 0x").append(Long.toHexString(operation.outside()));
            }
            branch(text, "then", operation.next());
            branch(text, "on error", operation.errorLabel());
            branch(text, "on zero", operation.zeroLabel());
            text.append("  ; ").append(operation.purpose()).append('\n');
        }
        return text.toString();
    }

    private static void branch(StringBuilder text, String when, Operation.Label label) {
        if (label == Operation.Label.FOLLOWING) {
            text.append(", ").append(when).append(" go on");
        } else if (label != null) {
            text.append(", ").append(when).append(' ').append(label.index());
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
