package trefoil.pc.interrupt;

/**
 * One 8259A programmable interrupt controller (Intel, 8259A data sheet, order number 231468-003; in the ICH9: Intel I/O Controller Hub 9 data sheet, 316972-004, sections 5.8 and 13.4).
 * Guarded by the {@link PicPair} that it belongs to.
 *
 * <p>Deviations: MCS-80/85 mode does not exist, ICW4's µPM bit is ignored and buffered mode changes nothing. As in the ICH9, LTIM in ICW1 is ignored in favour of ELCR. ICW1 also
 * clears the in-service register, about which the data sheet is silent. Spurious interrupts give level 7 and set no in-service bit.
 */
public final class Pic8259 {
    /** Everything that the chip remembers. {@code expected}: the initialization command word that port 1 takes next, 0 when there is none. */
    public record State(
            int lines,
            int latches,
            int isr,
            int imr,
            int elcr,
            int expected,
            boolean needsIcw4,
            boolean single,
            int vectors,
            int lowest,
            boolean automaticEoi,
            boolean rotateOnAutomaticEoi,
            boolean specialMask,
            boolean specialFullyNested,
            boolean readIsr,
            boolean poll) {}

    private static final int ICW1 = 0x10;
    private static final int ICW1_IC4 = 0x01;
    private static final int ICW1_SNGL = 0x02;
    private static final int ICW4_AEOI = 0x02;
    private static final int ICW4_SFNM = 0x10;
    private static final int OCW3 = 0x08;
    private static final int NONE = 8;

    /** Inputs that another 8259A drives: IR2 of the master, none of the slave. */
    private final int cascaded;
    /** Inputs that may be level-triggered. */
    private final int elcrWritable;

    private int lines;
    private int latches;
    private int isr;
    private int imr;
    private int elcr;
    private int expected;
    private boolean needsIcw4;
    private boolean single;
    private int vectors;
    private int lowest = 7;
    private boolean automaticEoi;
    private boolean rotateOnAutomaticEoi;
    private boolean specialMask;
    private boolean specialFullyNested;
    private boolean readIsr;
    private boolean poll;
    private boolean acknowledged;

    Pic8259(int cascaded, int elcrWritable) {
        this.cascaded = cascaded;
        this.elcrWritable = elcrWritable;
    }

    void set(int input, boolean high) {
        int bit = 1 << input;
        if (high) {
            latches |= bit & ~lines;
            lines |= bit;
        } else {
            lines &= ~bit;
            latches &= ~bit; // an edge counts only while the line stays high (data sheet, "Edge and level triggered modes")
        }
    }

    /** Interrupt request register. */
    int irr() {
        return lines & (elcr | latches);
    }

    /** Pin INT. */
    boolean isRequesting() {
        return winner() != NONE;
    }

    /** The two INTA cycles: the level that is served, now in service; 7, and nothing in service, if the request has gone. */
    int acknowledge() {
        int level = winner();
        if (level == NONE) {
            return 7;
        }
        acknowledged = true;
        latches &= ~(1 << level);
        if (!automaticEoi) {
            isr |= 1 << level;
        } else if (rotateOnAutomaticEoi) {
            lowest = level;
        }
        return level;
    }

    /** Whether a request was served since this was last asked: between two requests INT falls. */
    boolean hasAcknowledged() {
        boolean was = acknowledged;
        acknowledged = false;
        return was;
    }

    /** T7-T3 of ICW2. */
    int vector(int level) {
        return vectors | level;
    }

    /** The level to be served, or {@link #NONE}. */
    private int winner() {
        int level = highest(irr() & ~imr);
        if (level == NONE) {
            return NONE;
        }
        int serving = highest(specialMask ? isr & ~imr : isr);
        boolean again = specialFullyNested && level == serving && (cascaded >> level & 1) != 0;
        return serving == NONE || rank(level) < rank(serving) || again ? level : NONE;
    }

    private int highest(int levels) {
        for (int i = 1; i <= 8; i++) {
            int level = lowest + i & 7;
            if ((levels >> level & 1) != 0) {
                return level;
            }
        }
        return NONE;
    }

    private int rank(int level) {
        return level - lowest - 1 & 7;
    }

    int read(int port) {
        if (poll) {
            poll = false;
            return winner() == NONE ? 0 : 0x80 | acknowledge();
        }
        if (port == 1) {
            return imr;
        }
        return readIsr ? isr : irr();
    }

    void write(int port, int value) {
        if (port == 1) {
            writeData(value);
        } else if ((value & ICW1) != 0) {
            initialize(value);
        } else if ((value & OCW3) != 0) {
            command3(value);
        } else {
            command2(value >> 5, value & 7);
        }
    }

    private void initialize(int icw1) {
        latches = 0;
        isr = 0;
        imr = 0;
        lowest = 7;
        specialMask = false;
        readIsr = false;
        poll = false;
        single = (icw1 & ICW1_SNGL) != 0;
        needsIcw4 = (icw1 & ICW1_IC4) != 0;
        automaticEoi = false;
        rotateOnAutomaticEoi = false;
        specialFullyNested = false;
        expected = 2;
    }

    private void writeData(int value) {
        switch (expected) {
            case 2 -> {
                vectors = value & 0xF8;
                expected = !single ? 3 : needsIcw4 ? 4 : 0;
            }
            case 3 -> expected = needsIcw4 ? 4 : 0;
            case 4 -> {
                automaticEoi = (value & ICW4_AEOI) != 0;
                specialFullyNested = (value & ICW4_SFNM) != 0;
                expected = 0;
            }
            default -> imr = value;
        }
    }

    /** OCW2: R, SL and EOI as one number. */
    private void command2(int command, int level) {
        switch (command) {
            case 0b000, 0b100 -> rotateOnAutomaticEoi = command == 0b100;
            case 0b001, 0b101 -> endOfInterrupt(highest(specialMask ? isr & ~imr : isr), command == 0b101);
            case 0b011, 0b111 -> endOfInterrupt(level, command == 0b111);
            case 0b110 -> lowest = level;
            default -> {} // 010: no operation
        }
    }

    private void endOfInterrupt(int level, boolean rotate) {
        if (level == NONE) {
            return;
        }
        isr &= ~(1 << level);
        if (rotate) {
            lowest = level;
        }
    }

    private void command3(int value) {
        if ((value & 0x40) != 0) {
            specialMask = (value & 0x20) != 0;
        }
        poll = (value & 0x04) != 0;
        if ((value & 0x02) != 0) {
            readIsr = (value & 0x01) != 0;
        }
    }

    int elcr() {
        return elcr;
    }

    void elcr(int value) {
        elcr = value & elcrWritable;
    }

    State state() {
        return new State(lines, latches, isr, imr, elcr, expected, needsIcw4, single, vectors, lowest, automaticEoi, rotateOnAutomaticEoi, specialMask, specialFullyNested, readIsr, poll);
    }

    void restore(State state) {
        lines = state.lines;
        latches = state.latches;
        isr = state.isr;
        imr = state.imr;
        elcr = state.elcr;
        expected = state.expected;
        needsIcw4 = state.needsIcw4;
        single = state.single;
        vectors = state.vectors;
        lowest = state.lowest & 7;
        automaticEoi = state.automaticEoi;
        rotateOnAutomaticEoi = state.rotateOnAutomaticEoi;
        specialMask = state.specialMask;
        specialFullyNested = state.specialFullyNested;
        readIsr = state.readIsr;
        poll = state.poll;
    }
}
