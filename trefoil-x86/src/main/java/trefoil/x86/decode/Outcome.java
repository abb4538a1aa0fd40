package trefoil.x86.decode;

/** How a decoding ended. */
public enum Outcome {
    /** The instruction is there. */
    DECODED,
    /** The encoding is undefined: #UD. Known as soon as the octets read so far decide it. */
    UNDEFINED,
    /** More than 15 octets: #GP(0) (Intel SDM Vol. 2, 2.3.11; Vol. 3, 6.15, #GP). */
    TOO_LONG,
    /** The octets given end too early: give more, up to 15, or raise the fault of fetching them. */
    TRUNCATED
}
