package trefoil.disk.qcow2;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import trefoil.disk.BlockFile;
import trefoil.disk.DiskException;

/**
 * What an image's header says.
 *
 * @param size of the disk in bytes
 * @param backing name and format of the backing file; a format that the header does not name is empty
 * @param dirty whether the reference counts were not brought up to date when it was used last
 * @param corrupt whether somebody has found it to contradict itself
 */
public record ImageFacts(
        long size, int version, int clusterSize, int refcountBits, Compression compression, Optional<NewImage.Standing> backing, boolean dirty, boolean corrupt, List<Snapshot> snapshots) {
    /** Reads them. */
    public static ImageFacts read(BlockFile file, String name) throws DiskException {
        try {
            Header header = Qcow2Image.readHeader(file, name);
            List<Snapshot> snapshots = header.snapshots() == 0
                    ? List.of()
                    : SnapshotTable.read(file, header).entries().stream().map(SnapshotTable.Entry::snapshot).toList();
            Optional<NewImage.Standing> backing = header.backing().isEmpty()
                    ? Optional.empty()
                    : Optional.of(new NewImage.Standing(header.backing(), header.backingFormat().orElse("")));
            return new ImageFacts(header.size(), header.version(), 1 << header.clusterBits(), 1 << header.refcountOrder(), header.compression(), backing, header.isDirty(), header.isCorrupt(), snapshots);
        } catch (Corruption e) {
            throw new DiskException(DiskException.Reason.DAMAGED, name + " is damaged: " + e.getMessage());
        } catch (IOException e) {
            throw DiskException.of(name, e);
        }
    }
}
