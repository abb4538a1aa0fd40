package trefoil.machine;

/**
 * A device was told, by its guest, to touch memory that is not there (or, for an ordered access, not aligned). The device catches it where it works off
 * requests and turns it into what its specification has for a bad address: an error status, a "device needs reset", a master abort. Without a stack
 * trace: a guest can cause it as often as it likes.
 */
public final class GuestMemoryFault extends Exception {
    private static final long serialVersionUID = 1L;

    private final long address;
    private final long length;

    GuestMemoryFault(long address, long length) {
        super(null, null, false, false);
        this.address = address;
        this.length = length;
    }

    /** Guest-physical address where the access began. */
    public long address() {
        return address;
    }

    /** Bytes that it wanted. */
    public long length() {
        return length;
    }

    @Override
    public String getMessage() {
        return "no memory at guest-physical 0x" + Long.toHexString(address) + ", " + Long.toUnsignedString(length) + " bytes";
    }
}
