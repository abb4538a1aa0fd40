package trefoil.image.tar;

import java.util.List;
import java.util.Map;

/**
 * One member of an archive.
 *
 * @param name its raw name, as it stands in the archive
 * @param linkName raw target of a link; empty otherwise
 * @param mode permission bits, 0–07777
 * @param uid owner, 0–2^63
 * @param gid group, 0–2^63
 * @param size bytes in the file once unpacked, holes included; 0 for anything but a file
 * @param stored bytes of data in the archive
 * @param mtime seconds since 1970
 * @param mtimeNanos 0–999,999,999
 * @param attributes extended attributes by raw name
 * @param extents where the stored data goes, in order; one extent for a file without holes
 */
public record TarEntry(
        Type type,
        String name,
        String linkName,
        int mode,
        long uid,
        long gid,
        long size,
        long stored,
        long mtime,
        int mtimeNanos,
        Map<String, byte[]> attributes,
        List<Extent> extents) {
    /** What a member is. */
    public enum Type {
        FILE,
        HARD_LINK,
        SYMBOLIC_LINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    /** A run of stored data within a file. */
    public record Extent(long offset, long length) {}
}
