package trefoil.x86.exception;

/** Vectors of exceptions (Intel SDM Vol. 3, table 6-1, and 6.15 for each). */
public enum Vector {
    /** Divide error. */
    DE(0, Kind.FAULT, false, Severity.CONTRIBUTORY),
    /** Debug: fault or trap, by its cause (table 18-2). */
    DB(1, Kind.FAULT_OR_TRAP, false, Severity.BENIGN),
    /** Non-maskable interrupt. */
    NMI(2, Kind.INTERRUPT, false, Severity.BENIGN),
    /** Breakpoint: INT3. */
    BP(3, Kind.TRAP, false, Severity.BENIGN),
    /** Overflow: INTO. */
    OF(4, Kind.TRAP, false, Severity.BENIGN),
    /** BOUND range exceeded. */
    BR(5, Kind.FAULT, false, Severity.BENIGN),
    /** Invalid opcode. */
    UD(6, Kind.FAULT, false, Severity.BENIGN),
    /** Device not available. */
    NM(7, Kind.FAULT, false, Severity.BENIGN),
    /** Double fault; its error code is 0. */
    DF(8, Kind.ABORT, true, Severity.DOUBLE),
    /** Coprocessor segment overrun: not since the 387. */
    CSO(9, Kind.FAULT, false, Severity.BENIGN),
    /** Invalid TSS. */
    TS(10, Kind.FAULT, true, Severity.CONTRIBUTORY),
    /** Segment not present. */
    NP(11, Kind.FAULT, true, Severity.CONTRIBUTORY),
    /** Stack-segment fault. */
    SS(12, Kind.FAULT, true, Severity.CONTRIBUTORY),
    /** General protection. */
    GP(13, Kind.FAULT, true, Severity.CONTRIBUTORY),
    /** Page fault. */
    PF(14, Kind.FAULT, true, Severity.PAGE_FAULT),
    /** x87 floating-point error. */
    MF(16, Kind.FAULT, false, Severity.BENIGN),
    /** Alignment check; its error code is 0. */
    AC(17, Kind.FAULT, true, Severity.BENIGN),
    /** Machine check. */
    MC(18, Kind.ABORT, false, Severity.BENIGN),
    /** SIMD floating-point exception. */
    XM(19, Kind.FAULT, false, Severity.BENIGN),
    /** Virtualization exception. */
    VE(20, Kind.FAULT, false, Severity.PAGE_FAULT),
    /** Control protection. */
    CP(21, Kind.FAULT, true, Severity.CONTRIBUTORY);

    private final int number;
    private final Kind kind;
    private final boolean errorCode;
    private final Severity severity;

    Vector(int number, Kind kind, boolean errorCode, Severity severity) {
        this.number = number;
        this.kind = kind;
        this.errorCode = errorCode;
        this.severity = severity;
    }

    /** The number. */
    public int number() {
        return number;
    }

    /** Which instruction the saved pointer names. */
    public Kind kind() {
        return kind;
    }

    /** Whether an error code is pushed (never in real-address mode). */
    public boolean hasErrorCode() {
        return errorCode;
    }

    /** The class by which double faults are made. */
    public Severity severity() {
        return severity;
    }

    /** What happens when {@code second} arises while this is being delivered (table 6-5). */
    public Together with(Vector second) {
        return severity.with(second.severity);
    }

    /** 6.5. */
    public enum Kind {
        /** The saved pointer names the instruction, which may be started again; RF is set in the saved flags. */
        FAULT,
        /** The saved pointer names what comes next. */
        TRAP,
        /** One or the other. */
        FAULT_OR_TRAP,
        /** The saved pointer means nothing reliable. */
        ABORT,
        /** Not an exception. */
        INTERRUPT
    }

    /** Table 6-4. External interrupts and INT n are benign. */
    public enum Severity {
        /** Handled one after the other with anything. */
        BENIGN,
        /** Two of them make a double fault. */
        CONTRIBUTORY,
        /** Makes a double fault when a contributory or page fault follows. */
        PAGE_FAULT,
        /** A contributory or page fault after it shuts the processor down. */
        DOUBLE;

        private Together with(Severity second) {
            boolean grave = second == CONTRIBUTORY || second == PAGE_FAULT;
            return switch (this) {
                case BENIGN -> Together.SERIAL;
                case CONTRIBUTORY -> second == CONTRIBUTORY ? Together.DOUBLE_FAULT : Together.SERIAL;
                case PAGE_FAULT -> grave ? Together.DOUBLE_FAULT : Together.SERIAL;
                case DOUBLE -> grave || second == DOUBLE ? Together.SHUTDOWN : Together.SERIAL;
            };
        }
    }

    /** Table 6-5. */
    public enum Together {
        /** The second is handled, the first comes again by itself. */
        SERIAL,
        /** #DF(0). */
        DOUBLE_FAULT,
        /** Triple fault. */
        SHUTDOWN
    }
}
