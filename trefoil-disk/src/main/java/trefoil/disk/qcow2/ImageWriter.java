package trefoil.disk.qcow2;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import trefoil.disk.BlockFile;
import trefoil.disk.DiskException;
import trefoil.disk.DiskException.Reason;
import trefoil.disk.HostFile.Access;
import trefoil.disk.Images.Packing;
import trefoil.machine.IoStatus;

/** Fills a new image, cluster by cluster. Leaves the file open. Not thread-safe. */
public final class ImageWriter implements AutoCloseable {
    private final Qcow2Image image;
    private final String name;
    private final int clusterSize;
    private final Packing packing;

    private ImageWriter(Qcow2Image image, String name, int clusterSize, Packing packing) {
        this.image = image;
        this.name = name;
        this.clusterSize = clusterSize;
        this.packing = packing;
    }

    /** Begins to fill an image that was just written. */
    public static ImageWriter open(BlockFile file, String name, NewImage made, Packing packing) throws DiskException {
        Qcow2Image image = Qcow2Image.open(new Lent(file), name, Optional.empty(), Access.WRITE, Qcow2Image.DEFAULT_CACHE);
        return new ImageWriter(image, name, made.clusterSize(), packing);
    }

    /** Gives every cluster of a new image its place. */
    public static void allocateAll(BlockFile file, String name) throws DiskException {
        Qcow2Image image = Qcow2Image.open(new Lent(file), name, Optional.empty(), Access.WRITE, Qcow2Image.DEFAULT_CACHE);
        try {
            demand(name, image.allocateAll());
            demand(name, image.flush());
        } finally {
            image.close();
        }
    }

    /** Writes one cluster, or the part of the last one that is on the disk. */
    public void write(long offset, MemorySegment piece) throws DiskException {
        demand(name, switch (packing) {
            case PLAIN -> image.write(offset, List.of(piece));
            case COMPRESSED -> image.writeCompressed(offset, Arrays.copyOf(piece.toArray(JAVA_BYTE), clusterSize));
        });
    }

    /** Makes all of it durable. */
    public void finish() throws DiskException {
        demand(name, image.flush());
    }

    private static void demand(String name, IoStatus status) throws DiskException {
        if (status != IoStatus.OK) {
            throw new DiskException(status == IoStatus.NO_SPACE ? Reason.NO_SPACE : Reason.IO, name + " cannot be written: " + status);
        }
    }

    @Override
    public void close() {
        image.close();
    }

    /** A file that is not closed with the image. */
    private record Lent(BlockFile file) implements BlockFile {
        @Override
        public long length() {
            return file.length();
        }

        @Override
        public void read(long offset, List<MemorySegment> into) throws IOException {
            file.read(offset, into);
        }

        @Override
        public void write(long offset, List<MemorySegment> from) throws IOException {
            file.write(offset, from);
        }

        @Override
        public void truncate(long length) throws IOException {
            file.truncate(length);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public boolean punch(long offset, long length) throws IOException {
            return file.punch(offset, length);
        }

        @Override
        public boolean zero(long offset, long length) throws IOException {
            return file.zero(offset, length);
        }

        @Override
        public void close() {}
    }
}
