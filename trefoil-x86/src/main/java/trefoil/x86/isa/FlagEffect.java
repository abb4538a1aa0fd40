package trefoil.x86.isa;

/**
 * What an instruction does to the flags, as masks over EFLAGS (Intel SDM Vol. 1, table A-2 and 3.4.3).
 *
 * <p>Written as a string with one letter each for OF SF ZF AF PF CF TF IF DF NT RF (missing ones at the end are {@code .}):
 * <pre>
 * .  unaffected             T  tested               M  set by the result
 * X  tested, then set       0  cleared              1  set
 * -  undefined afterwards   R  loaded from elsewhere
 * </pre>
 * and, for shifts and rotates, which do nothing to flags when the masked count is 0:
 * <pre>
 * m  as M, if the count is not 0    x  as X, if the count is not 0    u  as -, if the count is not 0
 * d  as M if the count is 1, undefined if it is greater
 * </pre>
 * {@code m} also marks IF of INT n, which depends on the kind of gate.
 *
 * @param tested read
 * @param modified written with a defined value, conditional ones included
 * @param cleared always 0 afterwards; in {@code modified} too
 * @param set always 1 afterwards; in {@code modified} too
 * @param undefined undefined afterwards
 * @param conditional of {@code modified} and {@code undefined}: those that a count of 0 leaves alone
 * @param single of {@code modified}: those that are undefined if the count exceeds 1
 */
public record FlagEffect(int tested, int modified, int cleared, int set, int undefined, int conditional, int single) {
    /** EFLAGS.CF. */
    public static final int CF = 1;
    /** EFLAGS.PF. */
    public static final int PF = 1 << 2;
    /** EFLAGS.AF. */
    public static final int AF = 1 << 4;
    /** EFLAGS.ZF. */
    public static final int ZF = 1 << 6;
    /** EFLAGS.SF. */
    public static final int SF = 1 << 7;
    /** EFLAGS.OF. */
    public static final int OF = 1 << 11;

    /** No flag is touched. */
    public static final FlagEffect NONE = new FlagEffect(0, 0, 0, 0, 0, 0, 0);

    private static final int[] COLUMNS = {OF, SF, ZF, AF, PF, CF, 1 << 8, 1 << 9, 1 << 10, 1 << 14, 1 << 16};

    /** Flags that each condition of Jcc, SETcc and CMOVcc tests, by its low nibble without the lowest bit (Vol. 1, appendix B). */
    private static final int[] CONDITIONS = {OF, CF, ZF, CF | ZF, SF, PF, SF | OF, ZF | SF | OF};

    /** Reads the notation above. */
    static FlagEffect of(String letters) {
        if (letters.isEmpty()) {
            return NONE;
        }
        int[] masks = new int[128];
        for (int i = 0; i < letters.length(); i++) {
            masks[letters.charAt(i)] |= COLUMNS[i];
        }
        int conditional = masks['m'] | masks['x'] | masks['u'] | masks['d'];
        int modified = masks['M'] | masks['X'] | masks['0'] | masks['1'] | masks['R'] | masks['m'] | masks['x'] | masks['d'];
        int tested = masks['T'] | masks['X'] | masks['x'];
        return new FlagEffect(tested, modified, masks['0'], masks['1'], masks['-'] | masks['u'], conditional, masks['d']);
    }

    /** The same with a count that is known to be 1. */
    FlagEffect countIsOne() {
        return new FlagEffect(tested, modified, cleared, set, undefined, 0, 0);
    }

    /** What condition {@code cc} tests. */
    static FlagEffect ofCondition(int cc) {
        return new FlagEffect(CONDITIONS[cc >> 1 & 7], 0, 0, 0, 0, 0, 0);
    }

    /** Flags that may differ afterwards: modified or undefined. */
    public int touched() {
        return modified | undefined;
    }
}
