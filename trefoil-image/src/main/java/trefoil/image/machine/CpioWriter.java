package trefoil.image.machine;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a cpio archive as the kernel unpacks it (Linux, Documentation/driver-api/early-userspace/buffer-format.rst, "newc"): all of root, all of the year 1970, so that the same content gives the same bytes. */
final class CpioWriter implements AutoCloseable {
    private static final int DIRECTORY = 0040000;
    private static final int FILE = 0100000;
    private static final int LINK = 0120000;
    private static final int CHARACTER_DEVICE = 0020000;

    private final OutputStream out;
    private int inode;

    CpioWriter(OutputStream out) {
        this.out = out;
    }

    void directory(String name, int mode) throws IOException {
        entry(name, DIRECTORY | mode, new byte[0], 0, 0);
    }

    void file(String name, int mode, byte[] content) throws IOException {
        entry(name, FILE | mode, content, 0, 0);
    }

    void link(String name, String target) throws IOException {
        entry(name, LINK | 0777, target.getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    void characterDevice(String name, int mode, int major, int minor) throws IOException {
        entry(name, CHARACTER_DEVICE | mode, new byte[0], major, minor);
    }

    private void entry(String name, int mode, byte[] content, int major, int minor) throws IOException {
        byte[] path = (name + "\0").getBytes(StandardCharsets.UTF_8);
        inode++;
        int[] fields = {inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, path.length, 0};
        StringBuilder header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08x".formatted(field));
        }
        put(header.toString().getBytes(StandardCharsets.US_ASCII), path);
        put(content);
    }

    /** What belongs together, then zeros up to a multiple of four. */
    private void put(byte[]... parts) throws IOException {
        int length = 0;
        for (byte[] part : parts) {
            out.write(part);
            length += part.length;
        }
        out.write(new byte[-length & 3]);
    }

    /** Ends the archive; the stream stays open. */
    @Override
    public void close() throws IOException {
        entry("TRAILER!!!", 0, new byte[0], 0, 0);
        out.flush();
    }
}
