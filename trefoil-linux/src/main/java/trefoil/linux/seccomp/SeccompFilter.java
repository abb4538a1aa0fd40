package trefoil.linux.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import trefoil.linux.Errno;

/**
 * The filter of system calls that every process of a container runs under (seccomp(2), SECCOMP_SET_MODE_FILTER).
 *
 * <p>Call numbers with the same answer are merged into ranges and searched as a binary tree, so that a call passes about
 * log2(ranges) comparisons. The x86-64 interface and i386 have a tree each; any other architecture ends the process. x32
 * calls (bit 30 of the number) and numbers younger than the table are answered {@code ENOSYS}. The decisions and their
 * reasons are in {@code Policy}. Immutable; the program depends on nothing but {@code nesting}.
 */
public final class SeccompFilter {
    private static final byte[] ORDINARY = encode(assemble(false));
    private static final byte[] NESTING = encode(assemble(true));

    private SeccompFilter() {}

    /**
     * The program: an array of {@code struct sock_filter} in this machine's byte order, 8 bytes each, at most 4,096.
     *
     * @param nesting whether containers may run inside: user namespaces, clone3 and 32-bit socketcall are then allowed
     */
    public static byte[] program(boolean nesting) {
        return (nesting ? NESTING : ORDINARY).clone();
    }

    /** The program in words, one instruction a line. */
    public static List<String> listing(boolean nesting) {
        List<Instruction> code = assemble(nesting);
        List<String> lines = new ArrayList<>(code.size());
        for (int i = 0; i < code.size(); i++) {
            lines.add("%3d: %s".formatted(i, code.get(i)));
        }
        return lines;
    }

    private static byte[] encode(List<Instruction> code) {
        ByteBuffer bytes =
                ByteBuffer.allocate(code.size() * Instruction.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        code.forEach(i -> i.encode(bytes));
        return bytes.array();
    }

    private static List<Instruction> assemble(boolean nesting) {
        List<Instruction> code = new ArrayList<>();
        code.add(Instruction.load(Instruction.ARCHITECTURE));
        for (SystemCalls calls : SystemCalls.values()) {
            List<Instruction> tree = tree(ranges(calls.names(), nesting));
            code.add(new Instruction(Instruction.EQUAL, 1, 0, calls.auditArchitecture()));
            code.add(Instruction.jump(tree.size() + 1));
            code.add(Instruction.load(Instruction.NUMBER));
            code.addAll(tree);
        }
        code.addAll(Rule.KILL.code());
        return code;
    }

    /** Numbers from {@code first} to the next range's first, all answered alike. */
    private record Range(int first, Rule rule) {}

    private static List<Range> ranges(SortedMap<Integer, String> names, boolean nesting) {
        List<Range> ranges = new ArrayList<>();
        int next = 0;
        for (Map.Entry<Integer, String> call : names.entrySet()) {
            if (call.getKey() > next) {
                append(ranges, next, Rule.errno(Errno.ENOSYS));
            }
            append(ranges, call.getKey(), Policy.of(call.getValue(), nesting));
            next = call.getKey() + 1;
        }
        append(ranges, next, Rule.errno(Errno.ENOSYS));
        return ranges;
    }

    private static void append(List<Range> ranges, int first, Rule rule) {
        if (ranges.isEmpty() || !ranges.getLast().rule().equals(rule)) {
            ranges.add(new Range(first, rule));
        }
    }

    private static List<Instruction> tree(List<Range> ranges) {
        if (ranges.size() == 1) {
            return ranges.getFirst().rule().code();
        }
        int middle = ranges.size() / 2;
        List<Instruction> below = tree(ranges.subList(0, middle));
        List<Instruction> code = new ArrayList<>();
        int first = ranges.get(middle).first();
        if (below.size() <= 255) {
            code.add(new Instruction(Instruction.AT_LEAST, below.size(), 0, first));
        } else { // a conditional jump reaches 255 instructions, an unconditional one all
            code.add(new Instruction(Instruction.AT_LEAST, 0, 1, first));
            code.add(Instruction.jump(below.size()));
        }
        code.addAll(below);
        code.addAll(tree(ranges.subList(middle, ranges.size())));
        return code;
    }
}
