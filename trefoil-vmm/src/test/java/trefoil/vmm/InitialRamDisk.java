package trefoil.vmm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** An archive in cpio's format newc (Linux kernel documentation, driver-api/early-userspace/buffer-format.rst), compressed by gzip. */
final class InitialRamDisk {
    private static final int DIRECTORY = 0x41ED;
    private static final int PROGRAM = 0x81ED;

    private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
    private int inode;

    InitialRamDisk directory(String name) throws IOException {
        return entry(name, DIRECTORY, new byte[0]);
    }

    InitialRamDisk file(String name, byte[] content) throws IOException {
        return entry(name, PROGRAM, content);
    }

    private InitialRamDisk entry(String name, int mode, byte[] content) throws IOException {
        int[] fields = {++inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length() + 1, 0};
        StringBuilder header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08x".formatted(field));
        }
        archive.write((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
        pad();
        archive.write(content);
        pad();
        return this;
    }

    private void pad() {
        while (archive.size() % 4 != 0) {
            archive.write(0);
        }
    }

    void write(Path file) throws IOException {
        entry("TRAILER!!!", 0, new byte[0]);
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            archive.writeTo(out);
        }
    }
}
