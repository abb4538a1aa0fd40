package trefoil.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Archives for tests, written by another implementation than the one under test. */
final class Rootfs {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    Rootfs() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** The least that passes for a root file system. */
    static Rootfs small() {
        return new Rootfs()
                .directory("etc/")
                .file("etc/os-release", "ID=tiny\nPRETTY_NAME=\"Tiny 1\"\n")
                .directory("bin/")
                .file("bin/sh", "#!/bin/true\n");
    }

    Rootfs directory(String name) {
        return put(new TarArchiveEntry(name, TarConstants.LF_DIR, true), new byte[0]);
    }

    Rootfs file(String name, String content) {
        return put(new TarArchiveEntry(name, TarConstants.LF_NORMAL, true), content.getBytes(StandardCharsets.UTF_8));
    }

    Rootfs symlink(String name, String target) {
        return link(name, target, TarConstants.LF_SYMLINK);
    }

    Rootfs hardLink(String name, String target) {
        return link(name, target, TarConstants.LF_LINK);
    }

    private Rootfs link(String name, String target, byte type) {
        TarArchiveEntry e = new TarArchiveEntry(name, type, true);
        e.setLinkName(target);
        return put(e, new byte[0]);
    }

    Rootfs device(String name, byte type) {
        TarArchiveEntry e = new TarArchiveEntry(name, type, true);
        e.setDevMajor(8);
        e.setDevMinor(0);
        return put(e, new byte[0]);
    }

    Rootfs attributes(String name, String content, Map<String, String> pax) {
        TarArchiveEntry e = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
        pax.forEach(e::addPaxHeader);
        return put(e, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A pax extended header for the member that comes next. */
    Rootfs extended(Map<String, String> records) {
        StringBuilder text = new StringBuilder();
        records.forEach((key, value) -> {
            int length = key.length() + value.length() + 3;
            while (Integer.toString(length).length() + key.length() + value.length() + 3 != length) {
                length++;
            }
            text.append(length).append(' ').append(key).append('=').append(value).append('\n');
        });
        TarArchiveEntry e = new TarArchiveEntry("PaxHeader", TarConstants.LF_PAX_EXTENDED_HEADER_LC, true);
        return put(e, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    Rootfs put(TarArchiveEntry entry, byte[] content) {
        try {
            entry.setSize(content.length);
            entry.setModTime(1_700_000_000_000L);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] tar() {
        try {
            tar.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path write(Path file) throws IOException {
        return Files.write(file, tar());
    }

    static byte[] gzip(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gz = new GZIPOutputStream(out)) {
            gz.write(data);
        }
        return out.toByteArray();
    }

    static byte[] xz(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream xz = new org.tukaani.xz.XZOutputStream(out, new org.tukaani.xz.LZMA2Options(1))) {
            xz.write(data);
        }
        return out.toByteArray();
    }

    static byte[] zstd(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream zstd = new trefoil.linux.zstd.ZstdOutputStream(out, 3)) {
            zstd.write(data);
        }
        return out.toByteArray();
    }
}
