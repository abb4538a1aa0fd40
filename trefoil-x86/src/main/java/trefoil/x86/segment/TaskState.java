package trefoil.x86.segment;

/** Offsets in task-state segments (Intel SDM Vol. 3, figures 8-2, 8-10 and 8-11). */
public final class TaskState {
    /** All: selector of the previous task. */
    public static final int LINK = 0;
    /** 32 bits: ESP0, then SS0; those of levels 1 and 2 follow at steps of 8. */
    public static final int ESP0 = 4;
    /** 32 bits: SS0. */
    public static final int SS0 = 8;
    /** 32 bits: CR3. */
    public static final int CR3 = 28;
    /** 32 bits: EIP. */
    public static final int EIP = 32;
    /** 32 bits: EFLAGS. */
    public static final int EFLAGS = 36;
    /** 32 bits: EAX; the others follow in their numbers' order. */
    public static final int EAX = 40;
    /** 32 bits: ES; CS SS DS FS GS follow at steps of 4. */
    public static final int ES = 72;
    /** 32 bits: selector of the LDT. */
    public static final int LDT = 96;
    /** 32 bits: bit 0 raises #DB on a switch to the task. */
    public static final int TRAP = 100;
    /** 32 and 64 bits: offset of the I/O permission bitmap. */
    public static final int IO_MAP = 102;
    /** 32 and 64 bits: least limit. */
    public static final int MINIMUM_LIMIT = 103;

    /** 16 bits: SP0, then SS0; those of levels 1 and 2 follow at steps of 4. */
    public static final int SP0 = 2;
    /** 16 bits: IP. */
    public static final int IP16 = 14;
    /** 16 bits: FLAGS. */
    public static final int FLAGS16 = 16;
    /** 16 bits: AX; the others follow. */
    public static final int AX16 = 18;
    /** 16 bits: ES CS SS DS. */
    public static final int ES16 = 34;
    /** 16 bits: selector of the LDT. */
    public static final int LDT16 = 42;
    /** 16 bits: least limit. */
    public static final int MINIMUM_LIMIT16 = 43;

    /** 64 bits: RSP0; RSP1 and RSP2 follow at steps of 8. */
    public static final int RSP0 = 4;
    /** 64 bits: IST1; the other six follow at steps of 8. */
    public static final int IST1 = 36;

    private TaskState() {}

    /** Offset of interrupt stack {@code ist}, 1 to 7. */
    public static int interruptStack(int ist) {
        return IST1 + 8 * (ist - 1);
    }
}
