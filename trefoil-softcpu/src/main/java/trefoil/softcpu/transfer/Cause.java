package trefoil.softcpu.transfer;

/** Where an event comes from: whether the gate's privilege level counts, and EXT in error codes (Intel SDM Vol. 3, 6.12.1.1, 6.13). */
enum Cause {
    /** An exception, an external interrupt, an NMI. */
    EXTERNAL(false, true),
    /** INT n. */
    INT_N(true, false),
    /** INT3 and INTO: as INT n, but indifferent to IOPL in virtual-8086 mode. */
    INT3(true, false),
    /** INT1: an instruction, but otherwise as from outside. */
    INT1(false, true);

    private final boolean checked;
    private final boolean external;

    Cause(boolean checked, boolean external) {
        this.checked = checked;
        this.external = external;
    }

    /** The gate's level must not be below the current one. */
    boolean isChecked() {
        return checked;
    }

    /** Error codes on the way carry EXT. */
    boolean isExternal() {
        return external;
    }
}
