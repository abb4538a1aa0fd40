package trefoil.softcpu.core;

/**
 * Offsets, in octets, into a processor's block of registers: native memory of {@link #SIZE} octets, little-endian, so that AL is the octet at {@code RAX} and AH the next. Offsets of all that can be part of an
 * address are below 256.
 */
public final class Block {
    /** RAX RCX RDX RBX RSP RBP RSI RDI R8 to R15, 8 octets each. */
    public static final int GENERAL = 0;
    public static final int RAX = 0;
    public static final int RCX = 8;
    public static final int RDX = 16;
    public static final int RBX = 24;
    public static final int RSP = 32;
    public static final int RBP = 40;
    public static final int RSI = 48;
    public static final int RDI = 56;
    public static final int R11 = 88;
    /** Always 0: what an address without base or index adds. */
    public static final int ZERO = 128;
    /** Linear address of the page of code that is executed, less the base of CS: rip-relative addresses count from it. */
    public static final int PAGE_BASE = 136;
    /** What ES CS SS DS FS GS add to an address now: in 64-bit mode 0 but for FS and GS. */
    public static final int EFFECTIVE_BASE = 144;
    /** XMM0 to XMM15, 16 octets each. */
    public static final int XMM = 256;
    /** Upper halves of YMM0 to YMM15, 16 octets each. */
    public static final int YMM_HIGH = 512;
    /** Room for what a family of instructions puts down for a moment. */
    public static final int SCRATCH = 768;
    public static final int SIZE = 1024;

    private Block() {}
}
