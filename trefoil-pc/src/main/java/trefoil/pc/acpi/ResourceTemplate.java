package trefoil.pc.acpi;

/** A list of resource descriptors (ACPI 6.5, 6.4), for {@code _CRS}. */
final class ResourceTemplate {
    private static final int BUS = 2;
    private static final int PORTS = 1;
    private static final int MEMORY = 0;
    private static final int FIXED = 0x0C; // minimum and maximum are fixed, the device produces, positive decode

    private final Bytes out = new Bytes();

    /** Ports that a device decodes, 16 bits of address. */
    ResourceTemplate io(int first, int count) {
        out.octet(0x47).octet(1).put(2, first, first).octet(1).octet(count);
        return this;
    }

    /** Edge-triggered, active high. */
    ResourceTemplate irq(int number) {
        out.octet(0x22).put(2, 1L << number);
        return this;
    }

    ResourceTemplate fixedMemory(long start, long length) {
        out.octet(0x86).put(2, 9).octet(1).put(4, start, length);
        return this;
    }

    ResourceTemplate busNumbers(int first, int last) {
        return space(0x88, 2, BUS, 0, first, last);
    }

    /** Ports of a bridge. */
    ResourceTemplate window16(int first, int last) {
        return space(0x88, 2, PORTS, 3, first, last);
    }

    /** Memory of a bridge, below 4 GiB; cacheable or not is 0 or 1 in {@code flags}' bits 2:1, bit 0 says that it can be written. */
    ResourceTemplate window32(long first, long last, int flags) {
        return space(0x87, 4, MEMORY, flags, first, last);
    }

    ResourceTemplate window64(long first, long last, int flags) {
        return space(0x8A, 8, MEMORY, flags, first, last);
    }

    private ResourceTemplate space(int tag, int width, int type, int flags, long first, long last) {
        out.octet(tag).put(2, 3 + 5L * width).octet(type).octet(FIXED).octet(flags).put(width, 0, first, last, 0, last - first + 1);
        return this;
    }

    /** With the end tag, whose checksum 0 means none. */
    byte[] toArray() {
        return new Bytes().put(out.toArray()).octet(0x79).octet(0).toArray();
    }
}
