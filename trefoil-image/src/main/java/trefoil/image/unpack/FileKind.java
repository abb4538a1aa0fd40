package trefoil.image.unpack;

import java.nio.charset.StandardCharsets;
import java.util.List;
import trefoil.image.ImageException;

/**
 * What files that people take for images begin with, so that a refusal can say what it is and who could run it. A
 * table; numbers are offsets of the magic bytes, from each format's own description.
 */
public enum FileKind {
    QCOW2("a qcow2 disk image", Runs.FULL, at(0, "QFI\u00fb")),
    VMDK_SPARSE("a VMDK disk image", Runs.FULL, at(0, "KDMV")),
    VMDK_DESCRIPTOR("a VMDK disk description", Runs.FULL, at(0, "# Disk DescriptorFile")),
    VHD("a VHD disk image", Runs.FULL, at(0, "conectix")),
    VHDX("a VHDX disk image", Runs.FULL, at(0, "vhdxfile")),
    VDI("a VirtualBox disk image", Runs.FULL, at(64, "\u007f\u0010\u00da\u00be")),
    ISO9660("an ISO 9660 CD image", Runs.FULL, at(32769, "CD001")),
    UDF("a UDF disc image", Runs.FULL, at(32769, "BEA01")),
    GPT_DISK("a raw disk image with a GPT partition table", Runs.FULL, at(512, "EFI PART")),
    SQUASHFS("a squashfs file system", Runs.REPACK, at(0, "hsqs")),
    EROFS("an EROFS file system", Runs.REPACK, at(1024, "\u00e2\u00e1\u00f5\u00e0")),
    EXT("an ext2/3/4 file system", Runs.FULL, at(1080, "\u0053\u00ef")),
    XFS("an XFS file system", Runs.FULL, at(0, "XFSB")),
    BTRFS("a btrfs file system", Runs.FULL, at(65600, "_BHRfS_M")),
    LINUX_KERNEL("a Linux kernel", Runs.KERNEL, at(514, "HdrS")),
    WINDOWS_IMAGE("a Windows imaging (WIM) file", Runs.FULL, at(0, "MSWIM")),
    WINDOWS_PROGRAM("a Windows or UEFI program", Runs.NOTHING, at(0, "MZ")),
    ELF("an ELF program", Runs.NOTHING, at(0, "\u007fELF")),
    MACH_O("a macOS program", Runs.NOTHING, at(0, "\u00cf\u00fa\u00ed\u00fe")),
    CPIO("a cpio archive (an initramfs?)", Runs.REPACK, at(0, "07070")),
    ZIP("a ZIP archive", Runs.REPACK, at(0, "PK\u0003\u0004")),
    SEVEN_ZIP("a 7-Zip archive", Runs.REPACK, at(0, "7z\u00bc\u00af\u0027\u001c")),
    RAR("a RAR archive", Runs.REPACK, at(0, "Rar!\u001a")),
    DEBIAN_PACKAGE("an ar archive (a Debian package?)", Runs.NOTHING, at(0, "!<arch>\n")),
    RPM("an RPM package", Runs.NOTHING, at(0, "\u00ed\u00ab\u00ee\u00db")),
    BZIP2("compressed with bzip2", Runs.RECOMPRESS, at(0, "BZh")),
    LZ4("compressed with lz4", Runs.RECOMPRESS, at(0, "\u0004\"M\u0018")),
    LZMA_ALONE("compressed with lzma", Runs.RECOMPRESS, at(0, "]\u0000\u0000")),
    LZIP("compressed with lzip", Runs.RECOMPRESS, at(0, "LZIP")),
    COMPRESS("compressed with compress(1)", Runs.RECOMPRESS, at(0, "\u001f\u009d")),
    PDF("a PDF document", Runs.NOTHING, at(0, "%PDF")),
    SCRIPT("a script", Runs.NOTHING, at(0, "#!")),
    HTML("a web page, so most likely an error page of the server that it came from", Runs.NOTHING, at(0, "<!")),
    HTML_BARE("a web page, so most likely an error page of the server that it came from", Runs.NOTHING, at(0, "<html")),
    SIGNED_TEXT("a signed text", Runs.NOTHING, at(0, "-----BEGIN")),
    BOOT_SECTOR("a raw disk image with a boot sector", Runs.FULL, at(510, "\u0055\u00aa"));

    /** Bytes from the beginning that suffice to tell. */
    public static final int HEAD = 65608;

    private enum Runs {
        FULL("a full virtual server boots it: trefoil launch FILE NAME --kind full"),
        KERNEL("a full or para virtual server boots a kernel: trefoil launch FILE NAME --kind full"),
        REPACK("an OS-level server needs its files: unpack it and pack them with: tar -C DIRECTORY --numeric-owner -cJf rootfs.tar.xz ."),
        RECOMPRESS("Trefoil reads gzip, xz and zstd: decompress it first"),
        NOTHING("give a root file system as a tarball, or an OCI image");

        private final String next;

        Runs(String next) {
            this.next = next;
        }
    }

    private record Magic(int offset, byte[] bytes) {
        boolean in(byte[] head, int length) {
            if (offset + bytes.length > length) {
                return false;
            }
            for (int i = 0; i < bytes.length; i++) {
                if (head[offset + i] != bytes[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private final String words;
    private final Runs runs;
    private final Magic magic;

    FileKind(String words, Runs runs, Magic magic) {
        this.words = words;
        this.runs = runs;
        this.magic = magic;
    }

    private static Magic at(int offset, String bytes) {
        return new Magic(offset, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The kind in words, with its article. */
    public String words() {
        return words;
    }

    /** Whether the bytes are a tar header: its magic at 257, or a checksum that is right (V7). */
    public static boolean isTar(byte[] head, int length) {
        if (length < 512) {
            return false;
        }
        if (new String(head, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar")) {
            return true;
        }
        long sum = 0;
        long stored = 0;
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? ' ' : head[i] & 0xff;
        }
        for (int i = 148; i < 156; i++) {
            if (head[i] >= '0' && head[i] <= '7') {
                stored = stored * 8 + head[i] - '0';
            }
        }
        return stored == sum && head[0] != 0;
    }

    /**
     * Refuses the file in words that fit what it is.
     *
     * @param name how the user knows it
     * @param inside {@code ""}, or how it was packed: {@code "inside gzip, "}
     */
    public static ImageException refusal(String name, String inside, byte[] head, int length) {
        if (length == 0) {
            return Refusal.bad(name + " is " + inside + "empty", "fetch it again and compare its checksum");
        }
        for (FileKind kind : List.of(values())) {
            if (kind.magic.in(head, length)) {
                return Refusal.bad(
                        name + " is " + inside + kind.words + ", not a root file system archive or OCI image", kind.runs.next);
            }
        }
        return Refusal.bad(
                name + " is " + inside + "neither a tar archive nor anything else that Trefoil knows",
                Runs.NOTHING.next);
    }
}
