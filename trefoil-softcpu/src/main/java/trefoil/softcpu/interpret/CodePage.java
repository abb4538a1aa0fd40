package trefoil.softcpu.interpret;

import java.util.Arrays;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.decode.Instruction;

/**
 * What has been decoded of one physical page, for one size of code. Four ints an instruction:
 * <pre>
 * 0  31:28 scale    27:16 offset in the page    15:12 length    11:0 operation ({@link Op})
 * 1  31:24 index    23:16 base    15:8 source    7:0 destination: offsets in the block of registers
 * 2  displacement, or where a branch leads: offset from the page's start
 * 3  immediate, or index of the decoded instruction for its family
 * </pre>
 * What follows without a jump stands in the next four.
 */
final class CodePage {
    static final int WORDS = 4;

    /** Octets of a page without its instructions, and of one {@link Instruction}. */
    private static final int SHELL = 2 * 4096 + 128;

    private static final int INSTRUCTION = 104;

    final long physical;
    final CodeSize codeSize;
    int[] ops = new int[64 * WORDS];
    /** By offset in the page: 1 + number of the instruction that begins there, 0 if it is not decoded. */
    final short[] slots = new short[4096];
    Instruction[] general = new Instruction[32];
    int used;
    int generals;
    /** Set when its code has changed: it is not to be entered any more. */
    boolean isVoid;

    CodePage(long physical, CodeSize codeSize) {
        this.physical = physical;
        this.codeSize = codeSize;
    }

    /** Adds an instruction; returns its number. */
    int add(int w0, int w1, int w2, int w3) {
        if ((used + 1) * WORDS > ops.length) {
            ops = Arrays.copyOf(ops, ops.length * 2);
        }
        int at = used * WORDS;
        ops[at] = w0;
        ops[at + 1] = w1;
        ops[at + 2] = w2;
        ops[at + 3] = w3;
        return used++;
    }

    int addGeneral(Instruction instruction) {
        if (generals == general.length) {
            general = Arrays.copyOf(general, generals * 2);
        }
        general[generals] = instruction;
        return generals++;
    }

    /** Octets of the heap that it takes, about. */
    int size() {
        return SHELL + ops.length * Integer.BYTES + general.length * Integer.BYTES + generals * INSTRUCTION;
    }

    /** Makes all of it lead back to the interpreter, which looks anew at the same place. The page's end stays one: its place is the next page's first, which has no offset in this one. */
    void clear() {
        isVoid = true;
        Arrays.fill(slots, (short) 0);
        for (int at = 0; at < used * WORDS; at += WORDS) {
            if ((ops[at] & Op.MASK) != Op.END) {
                ops[at] = ops[at] & ~Op.MASK | Op.LEAVE;
            }
        }
    }
}
