package trefoil.softcpu.core;

/** Modes of operation (Intel SDM Vol. 3, 2.2). */
public enum Mode {
    /** CR0.PE = 0. */
    REAL,
    /** RFLAGS.VM = 1. */
    VIRTUAL_8086,
    /** Protected, EFER.LMA = 0. */
    PROTECTED,
    /** EFER.LMA = 1, CS.L = 0. */
    COMPATIBILITY,
    /** EFER.LMA = 1, CS.L = 1. */
    LONG_64;

    /** Whether segment registers are loaded from descriptors. */
    public boolean hasDescriptors() {
        return this != REAL && this != VIRTUAL_8086;
    }

    /** IA-32e mode: gates and task states of 64 bits. */
    public boolean isIa32e() {
        return this == COMPATIBILITY || this == LONG_64;
    }
}
