package trefoil.x86.state;

import trefoil.x86.segment.Descriptor;

/**
 * A segment register with its hidden part (Intel SDM Vol. 3, 3.4.3).
 *
 * @param limit last offset in octets, unsigned 32 bits
 * @param attributes bits 40 to 55 of the descriptor: type, S, DPL, P in bits 0 to 7, AVL, L, D/B, G in bits 12 to 15; 0 if unusable
 */
public record SegmentState(int selector, long base, int limit, int attributes) {
    /** As after reset, for data: 64 KiB at 0. */
    public static final SegmentState REAL_DATA = new SegmentState(0, 0, 0xFFFF, 0x93);

    /** What a descriptor says. */
    public static SegmentState of(int selector, long descriptor) {
        return new SegmentState(selector, Descriptor.base(descriptor), (int) Descriptor.limit(descriptor), attributes(descriptor));
    }

    /** The attributes of a descriptor, without the limit's bits between them. */
    public static int attributes(long descriptor) {
        return (int) (descriptor >>> 40) & 0xF0FF;
    }
}
