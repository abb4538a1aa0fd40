package trefoil.pc.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import trefoil.pc.boot.KernelException.Cause;

/** A bzImage (Linux, Documentation/arch/x86/boot.rst): a real-mode part with a header, and the rest, in which the kernel lies packed. */
public final class BzImage {
    private static final int SETUP_SECTS = 0x1F1;
    private static final int BOOT_FLAG = 0x1FE;
    private static final int HEADER = 0x202;
    private static final int VERSION = 0x206;
    private static final int LOADFLAGS = 0x211;
    private static final int INITRD_ADDR_MAX = 0x22C;
    private static final int XLOADFLAGS = 0x236;
    private static final int CMDLINE_SIZE = 0x238;
    private static final int PAYLOAD_OFFSET = 0x248;
    private static final int PAYLOAD_LENGTH = 0x24C;
    private static final int PREF_ADDRESS = 0x258;
    private static final int INIT_SIZE = 0x260;
    private static final int SHORTEST = 0x268;
    private static final int SECTOR = 512;
    private static final int HDRS = 0x5372_6448;
    private static final int LOADED_HIGH = 1;
    private static final int XLF_KERNEL_64 = 1;

    private final ByteBuffer file;
    private final int setup;

    private BzImage(ByteBuffer file, int setup) {
        this.file = file;
        this.setup = setup;
    }

    /** Whether a file says that it is one. */
    public static boolean isOne(byte[] file) {
        return file.length >= SHORTEST && ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(HEADER) == HDRS;
    }

    public static BzImage parse(byte[] bytes) throws KernelException {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (!isOne(bytes) || (file.getShort(BOOT_FLAG) & 0xFFFF) != 0xAA55) {
            throw new KernelException(Cause.NO_KERNEL, "not a bzImage: the boot signature or \"HdrS\" is missing");
        }
        int version = file.getShort(VERSION) & 0xFFFF;
        if (version < 0x20C || (file.get(LOADFLAGS) & LOADED_HIGH) == 0) {
            throw new KernelException(Cause.NO_64_BIT_ENTRY, "a bzImage of boot protocol " + (version >> 8) + "." + (version & 0xFF) + "; 2.12 or later is needed");
        }
        int sectors = file.get(SETUP_SECTS) & 0xFF;
        int setup = ((sectors == 0 ? 4 : sectors) + 1) * SECTOR;
        if (setup >= bytes.length) {
            throw new KernelException(Cause.TRUNCATED, "the bzImage ends within its real-mode part");
        }
        return new BzImage(file, setup);
    }

    /** What is packed: the kernel in some compression. */
    public byte[] payload() throws KernelException {
        long offset = Integer.toUnsignedLong(file.getInt(PAYLOAD_OFFSET));
        long length = Integer.toUnsignedLong(file.getInt(PAYLOAD_LENGTH));
        if (offset == 0 || length == 0) {
            throw new KernelException(Cause.UNKNOWN_COMPRESSION, "the bzImage does not say where its kernel lies");
        }
        if (setup + offset + length > file.capacity()) {
            throw new KernelException(Cause.TRUNCATED, "the bzImage has " + file.capacity() + " bytes; its kernel would end at " + (setup + offset + length));
        }
        byte[] payload = new byte[(int) length];
        file.get((int) (setup + offset), payload);
        return payload;
    }

    /** The setup header: from 0x1F1 to where it says that it ends. */
    byte[] header() {
        int end = Math.min(HEADER + (file.get(0x201) & 0xFF), setup);
        byte[] header = new byte[end - SETUP_SECTS];
        file.get(SETUP_SECTS, header);
        return header;
    }

    /** What is loaded: all behind the real-mode part. */
    ByteBuffer loaded() {
        return file.slice(setup, file.capacity() - setup);
    }

    boolean has64BitEntry() {
        return (file.getShort(XLOADFLAGS) & XLF_KERNEL_64) != 0;
    }

    int commandLineSize() {
        return file.getInt(CMDLINE_SIZE);
    }

    long preferredAddress() {
        return file.getLong(PREF_ADDRESS);
    }

    long initSize() {
        return Math.max(Integer.toUnsignedLong(file.getInt(INIT_SIZE)), file.capacity() - setup);
    }

    /** First address at which no part of an initial RAM disk may be. */
    long initrdLimit() {
        return Integer.toUnsignedLong(file.getInt(INITRD_ADDR_MAX)) + 1;
    }
}
