package trefoil.pc.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import trefoil.machine.BlockBackend;

/** The data structures of Identify (NVMe 1.4, 5.15), 4096 bytes each. */
final class Identity {
    static final int LENGTH = 4096;
    static final int VERSION = 0x0001_0400;
    static final int VENDOR = 0x1234;
    static final int SUBSYSTEM_VENDOR = 0x1AF4;
    static final int SUBSYSTEM = 0x1100;
    static final String FIRMWARE = "1.0     ";
    /** MDTS: 2 to this power pages. */
    static final int TRANSFER_PAGES = 7;
    /** Bytes of one command's data. */
    static final int MOST_DATA = DataPointer.PAGE << TRANSFER_PAGES;
    /** Commands to be aborted at once. */
    static final int MOST_ABORTS = 4;
    static final int KELVIN = 300;
    static final int WARNING_KELVIN = 343;
    static final int CRITICAL_KELVIN = 353;
    /** OAES, and the same bit of the configuration of events: namespace attributes. */
    static final int NAMESPACE_NOTICES = 1 << 8;

    private static final String MODEL = "Trefoil NVMe disk";
    private static final int UUID_DESCRIPTOR = 3;

    private final BlockBackend backend;
    private final String serial;

    Identity(BlockBackend backend, String serial) {
        this.backend = backend;
        this.serial = serial;
    }

    private static ByteBuffer zeroes() {
        return ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] padded(String text, int length) {
        byte[] padded = new byte[length];
        Arrays.fill(padded, (byte) ' ');
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, padded, 0, Math.min(length, ascii.length));
        return padded;
    }

    private UUID uuid(String what) {
        return UUID.nameUUIDFromBytes(("Trefoil NVMe " + what + " " + serial).getBytes(StandardCharsets.UTF_8));
    }

    /** Figure 247. */
    byte[] controller() {
        ByteBuffer data = zeroes();
        data.putShort(0, (short) VENDOR).putShort(2, (short) SUBSYSTEM_VENDOR);
        data.put(4, padded(serial, 20)).put(24, padded(MODEL, 40)).put(64, padded(FIRMWARE, 8));
        data.put(77, (byte) TRANSFER_PAGES).putInt(80, VERSION).putInt(92, NAMESPACE_NOTICES).put(111, (byte) 1);
        administration(data);
        commands(data);
        data.put(768, ("nqn.2014-08.org.nvmexpress:uuid:" + uuid("subsystem")).getBytes(StandardCharsets.US_ASCII));
        return data.array();
    }

    /** Limits, one read-only slot for firmware, log pages from any offset on, one power state, temperatures. */
    private static void administration(ByteBuffer data) {
        data.put(258, (byte) (MOST_ABORTS - 1)).put(259, (byte) (AsyncEvents.MOST_HELD - 1)).put(260, (byte) 0x03).put(261, (byte) 0x04).put(262, (byte) (HealthLog.ENTRIES - 1));
        data.putShort(266, (short) WARNING_KELVIN).putShort(268, (short) CRITICAL_KELVIN);
    }

    /** Sizes of entries, one namespace, Compare, Dataset Management, Write Zeroes and Verify, and a write cache that can be flushed for all namespaces. */
    private static void commands(ByteBuffer data) {
        data.put(512, (byte) 0x66).put(513, (byte) 0x44).putInt(516, 1).putShort(520, (short) 0x8D).put(525, (byte) 0x07);
    }

    /** Figure 245. Deallocated blocks read as anything; Write Zeroes may deallocate. */
    byte[] namespace() {
        long blocks = backend.size() / backend.blockSize();
        ByteBuffer data = zeroes().putLong(0, blocks).putLong(8, blocks).putLong(16, blocks);
        data.put(33, (byte) 0x08).put(99, (byte) (backend.isReadOnly() ? 1 : 0));
        data.put(130, (byte) Integer.numberOfTrailingZeros(backend.blockSize()));
        return data.array();
    }

    /** What a command set's controller adds (NVM Command Set Specification 1.0, 4.1.5.4), for drivers that ask a newer question: Verify and Write Zeroes take as many blocks as they can name. */
    byte[] commandSet() {
        int pages = 16 + Integer.numberOfTrailingZeros(backend.blockSize()) - 12;
        return zeroes().put(0, (byte) pages).put(1, (byte) pages).array();
    }

    boolean isReadOnly() {
        return backend.isReadOnly();
    }

    /** Figure 249: a UUID. */
    byte[] descriptors() {
        UUID uuid = uuid("namespace");
        ByteBuffer data = zeroes().put(0, (byte) UUID_DESCRIPTOR).put(1, (byte) 16);
        data.order(ByteOrder.BIG_ENDIAN).putLong(4, uuid.getMostSignificantBits()).putLong(12, uuid.getLeastSignificantBits());
        return data.array();
    }

    /** The namespaces above a number: the one, or none. */
    byte[] namespaces(int above) {
        return zeroes().putInt(0, above == 0 ? 1 : 0).array();
    }
}
