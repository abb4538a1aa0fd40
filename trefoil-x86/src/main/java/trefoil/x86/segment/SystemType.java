package trefoil.x86.segment;

/** Types of descriptors whose S is 0 (Intel SDM Vol. 3, table 3-2). */
public enum SystemType {
    /** Not a type. */
    RESERVED,
    /** Task-state segment of 16 bits, available. */
    TSS16_AVAILABLE,
    /** Local descriptor table. */
    LDT,
    /** Task-state segment of 16 bits, busy. */
    TSS16_BUSY,
    /** Call gate of 16 bits. */
    CALL_GATE16,
    /** Task gate. */
    TASK_GATE,
    /** Interrupt gate of 16 bits. */
    INTERRUPT_GATE16,
    /** Trap gate of 16 bits. */
    TRAP_GATE16,
    /** Task-state segment of 32 bits (64 in IA-32e mode), available. */
    TSS_AVAILABLE,
    /** Task-state segment of 32 bits (64 in IA-32e mode), busy. */
    TSS_BUSY,
    /** Call gate of 32 bits (64 in IA-32e mode). */
    CALL_GATE,
    /** Interrupt gate of 32 bits (64 in IA-32e mode). */
    INTERRUPT_GATE,
    /** Trap gate of 32 bits (64 in IA-32e mode). */
    TRAP_GATE;

    private static final SystemType[] LEGACY = {
        RESERVED, TSS16_AVAILABLE, LDT, TSS16_BUSY, CALL_GATE16, TASK_GATE, INTERRUPT_GATE16, TRAP_GATE16,
        RESERVED, TSS_AVAILABLE, RESERVED, TSS_BUSY, CALL_GATE, RESERVED, INTERRUPT_GATE, TRAP_GATE
    };

    /** The type of four bits; in IA-32e mode those of 16 bits and task gates are reserved. */
    public static SystemType of(int type, boolean longMode) {
        SystemType found = LEGACY[type & 15];
        return longMode && type < 9 && found != LDT ? RESERVED : found;
    }

    /** Bit of the type that tells a busy TSS from an available one. */
    public static final int BUSY = 2;

    /** Whether it is of 16 bits. */
    public boolean is16Bits() {
        return this == TSS16_AVAILABLE || this == TSS16_BUSY || this == CALL_GATE16 || this == INTERRUPT_GATE16 || this == TRAP_GATE16;
    }
}
