package trefoil.pc.nvme;

/**
 * What Set Features and Get Features know (NVMe 1.4, 5.21.1). Used in the worker's turn. Interrupts are never held back for others to come, whatever Interrupt Coalescing says, which 5.21.1.8 allows; all queues are of
 * the same weight.
 */
final class Features {
    static final int ARBITRATION = 0x01;
    static final int POWER = 0x02;
    static final int TEMPERATURE = 0x04;
    static final int ERROR_RECOVERY = 0x05;
    static final int WRITE_CACHE = 0x06;
    static final int QUEUES = 0x07;
    static final int COALESCING = 0x08;
    static final int VECTOR = 0x09;
    static final int ATOMICITY = 0x0A;
    static final int EVENTS = 0x0B;

    private static final int SAVE = 1 << 31;
    /** Bits which a value may have, by identifier; -1 where {@link #set} looks itself. */
    private static final int[] ALLOWED = {0, 0xFFFF_FF07, 0, -1, -1, 0xFFFF, 1, -1, 0xFFFF, -1, 1, -1};

    private final int[] values = new int[EVENTS + 1];
    private final int[] vectors = new int[Queues.PAIRS + 1];
    /** As the value of {@link #EVENTS}, for other threads. */
    private volatile int heard;
    private int over;
    private int under;
    private int pairs;

    Features() {
        reset();
    }

    /** Values of a controller that has been reset: nothing is saved. */
    void reset() {
        java.util.Arrays.fill(values, 0);
        java.util.Arrays.fill(vectors, 0);
        values[ARBITRATION] = 7;
        values[WRITE_CACHE] = 1;
        heard = 0;
        over = Identity.WARNING_KELVIN;
        under = 0;
        pairs = Queues.PAIRS;
    }

    /** How many pairs of queues the guest has. */
    int pairs() {
        return pairs;
    }

    /** Whether writes may wait for a Flush. */
    boolean isWriteCached() {
        return values[WRITE_CACHE] != 0;
    }

    /** Critical warnings (bits 7:0) and notices of which the guest wants to hear. From any thread. */
    int events() {
        return heard;
    }

    /** Whether a temperature in kelvins is at or beyond a threshold. */
    boolean isBeyond(int kelvin) {
        return kelvin >= over || kelvin <= under;
    }

    /** @param queuesMade whether there are queues for input and output */
    int set(Command command, boolean queuesMade) throws CommandFault {
        int value = command.dw11();
        int feature = known(command);
        CommandFault.unless((command.dw10() & SAVE) == 0, Status.FEATURE_NOT_SAVEABLE);
        switch (feature) {
            case TEMPERATURE -> setThreshold(value);
            case VECTOR -> vectors[vector(value)] = value & 0x1_0000;
            case QUEUES -> {
                setPairs(value, queuesMade);
                return get(command);
            }
            default -> {
                CommandFault.unless((value & ~ALLOWED[feature]) == 0, Status.INVALID_FIELD);
                values[feature] = value;
                heard = values[EVENTS];
            }
        }
        return 0;
    }

    private static int known(Command command) throws CommandFault {
        int feature = command.dw10() & 0xFF;
        boolean known = feature >= ARBITRATION && feature <= EVENTS && feature != 3;
        CommandFault.unless(known, Status.INVALID_FIELD);
        boolean good = feature != ERROR_RECOVERY || command.namespace() == 1 || command.namespace() == Command.ALL_NAMESPACES;
        CommandFault.unless(good, Status.INVALID_NAMESPACE);
        return feature;
    }

    private static int vector(int value) throws CommandFault {
        int vector = value & 0xFFFF;
        CommandFault.unless(vector <= Queues.PAIRS, Status.INVALID_FIELD);
        return vector;
    }

    /** 5.21.1.4. There is no sensor but the composite one; 15 means all. */
    private void setThreshold(int value) throws CommandFault {
        int sensor = value >>> 16 & 15;
        int kind = value >>> 20 & 3;
        CommandFault.unless((sensor == 0 || sensor == 15) && kind < 2, Status.INVALID_FIELD);
        if (kind == 0) {
            over = value & 0xFFFF;
        } else {
            under = value & 0xFFFF;
        }
    }

    /** 5.21.1.7: as many as are asked for of either kind, as far as there are. */
    private void setPairs(int value, boolean queuesMade) throws CommandFault {
        CommandFault.unless(!queuesMade, Status.SEQUENCE_ERROR);
        int submissions = value & 0xFFFF;
        int completions = value >>> 16;
        CommandFault.unless(submissions != 0xFFFF && completions != 0xFFFF, Status.INVALID_FIELD);
        pairs = Math.min(Queues.PAIRS, Math.max(submissions, completions) + 1);
    }

    int get(Command command) throws CommandFault {
        int feature = known(command);
        return switch (feature) {
            case TEMPERATURE -> threshold(command.dw11());
            case VECTOR -> vectors[vector(command.dw11())] | vector(command.dw11());
            case QUEUES -> pairs - 1 << 16 | pairs - 1;
            default -> values[feature];
        };
    }

    private int threshold(int value) throws CommandFault {
        int kind = value >>> 20 & 3;
        CommandFault.unless((value >>> 16 & 15) == 0 && kind < 2, Status.INVALID_FIELD);
        return kind == 0 ? over : under;
    }

    NvmeState.Features state() {
        return new NvmeState.Features(values.clone(), over, under, vectors.clone(), pairs);
    }

    void restore(NvmeState.Features state) {
        System.arraycopy(state.values(), 0, values, 0, values.length);
        System.arraycopy(state.vectors(), 0, vectors, 0, vectors.length);
        heard = values[EVENTS];
        over = state.over();
        under = state.under();
        pairs = state.pairs();
    }
}
