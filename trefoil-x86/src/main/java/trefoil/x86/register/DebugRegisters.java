package trefoil.x86.register;

/** Bits of DR6 and DR7 (Intel SDM Vol. 3, 18.2). */
public final class DebugRegisters {
    /** DR6: breakpoints 0 to 3 met. */
    public static final int DR6_B = 15;
    /** DR6: debug register accessed while DR7.GD. */
    public static final int DR6_BD = 1 << 13;
    /** DR6: single step. */
    public static final int DR6_BS = 1 << 14;
    /** DR6: task switch with T. */
    public static final int DR6_BT = 1 << 15;
    /** DR6: not in a transactional region. */
    public static final int DR6_RTM = 1 << 16;
    /** DR6: bits that are always 1. */
    public static final long DR6_ONES = 0xFFFF0FF0L;
    /** DR6: bits that are written. */
    public static final long DR6_WRITABLE = DR6_B | DR6_BD | DR6_BS | DR6_BT;
    /** DR7: bits that are always 1. */
    public static final long DR7_ONES = 1 << 10;
    /** DR7: exact breakpoints, local and global; no effect since the P6. */
    public static final int DR7_EXACT = 3 << 8;
    /** DR7: general detect. */
    public static final int DR7_GD = 1 << 13;
    /** DR7: bits that are written. */
    public static final long DR7_WRITABLE = 0xFFFF23FFL;
    /** DR7: local enables, cleared by a task switch. */
    public static final int DR7_LOCAL = 0x55;

    private DebugRegisters() {}

    /** Whether breakpoint {@code n} of {@code dr7} is enabled, locally or globally. */
    public static boolean isEnabled(long dr7, int n) {
        return (dr7 >> 2 * n & 3) != 0;
    }

    /** R/W of breakpoint {@code n}. */
    public static Condition condition(long dr7, int n) {
        return Condition.values()[(int) (dr7 >> 16 + 4 * n & 3)];
    }

    /** Octets that breakpoint {@code n} watches: 1, 2, 4 or 8. */
    public static int length(long dr7, int n) {
        return switch ((int) (dr7 >> 18 + 4 * n & 3)) {
            case 0 -> 1;
            case 1 -> 2;
            case 2 -> 8;
            default -> 4;
        };
    }

    /** What a breakpoint waits for, in the order of R/W. */
    public enum Condition {
        /** Execution: a fault before the instruction. */
        EXECUTE,
        /** A write of data: a trap after it. */
        WRITE,
        /** I/O, with CR4.DE; undefined without. */
        IO,
        /** A read or write of data: a trap after it. */
        ACCESS
    }
}
