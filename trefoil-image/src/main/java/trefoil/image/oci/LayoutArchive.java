package trefoil.image.oci;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import trefoil.image.Progress;
import trefoil.image.tar.TarEntry;
import trefoil.image.tar.TarReader;
import trefoil.image.unpack.Bounds;
import trefoil.image.unpack.Compression;
import trefoil.image.unpack.CountedInput;
import trefoil.image.unpack.FreeSpace;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/**
 * An image in a tar archive, read in place: one pass notes where each file lies, nothing is unpacked. A compressed
 * archive is decompressed into the staging directory first.
 */
final class LayoutArchive implements Blobs {
    private static final int MEMBER_LIMIT = 10_000;
    private static final int LINK_LIMIT = 8;

    private record Slice(long offset, long length, String link) {}

    private final FileChannel file;
    private final Map<String, Slice> slices = new HashMap<>();

    /** @param staging where a compressed archive is decompressed to */
    LayoutArchive(Path archive, Path staging, Bounds bounds, String name, Progress progress) throws IOException {
        this.file = FileChannel.open(plain(archive, staging, bounds, name, progress), StandardOpenOption.READ);
        try {
            index(name);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static Path plain(Path archive, Path staging, Bounds bounds, String name, Progress progress) throws IOException {
        if (isPlain(archive)) {
            return archive;
        }
        long total = Files.size(archive);
        try (CountedInput counted = new CountedInput(
                        Files.newInputStream(archive), name, n -> progress.at("decompressing", n, total, "bytes"));
                InputStream in = Compression.open(counted, bounds).stream()) {
            return decompress(in, staging.resolve("archive.tar"), bounds, name);
        }
    }

    private static boolean isPlain(Path archive) throws IOException {
        try (InputStream in = Files.newInputStream(archive)) {
            byte[] head = in.readNBytes(6);
            return Compression.of(head, head.length) == Compression.NONE;
        }
    }

    private static Path decompress(InputStream in, Path target, Bounds bounds, String name) throws IOException {
        FreeSpace space = new FreeSpace(target.getParent());
        byte[] buffer = new byte[1 << 17];
        long written = 0;
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                space.spend(n, name);
                written += n;
                if (written > bounds.bytes()) {
                    throw Refusal.bad(name + " decompresses to more than " + bounds.bytes() + " bytes");
                }
                out.write(buffer, 0, n);
            }
        }
        return target;
    }

    private void index(String name) throws IOException {
        SeekingInput in = new SeekingInput(file);
        TarReader tar = new TarReader(in);
        int members = 0;
        for (TarEntry e = tar.next(); e != null; e = tar.next()) {
            if (++members > MEMBER_LIMIT) {
                throw Refusal.bad(name + " has more than " + MEMBER_LIMIT + " members, far more than an image");
            }
            String path = normal(e.name());
            switch (e.type()) {
                case FILE -> add(path, e, tar.offset(), name);
                case SYMBOLIC_LINK -> slices.put(path, new Slice(0, 0, besides(path, e.linkName())));
                case HARD_LINK -> slices.put(path, new Slice(0, 0, normal(e.linkName())));
                case DIRECTORY -> { }
                default -> throw Refusal.bad(name + " holds a device or FIFO: " + At.readable(path));
            }
        }
        if (!tar.endMarked()) {
            throw Refusal.bad(name + " was cut off: it lacks the end of an archive");
        }
        tar.finish();
    }

    private void add(String path, TarEntry e, long offset, String name) throws IOException {
        if (e.size() != e.stored()) {
            throw Refusal.bad(name + " holds a sparse file: " + At.readable(path));
        }
        if (slices.putIfAbsent(path, new Slice(offset, e.stored(), null)) != null) {
            throw Refusal.bad(name + " holds two files of one name: " + At.readable(path));
        }
    }

    /** The path without {@code .} and {@code ..}, which cannot lead out of the archive. */
    private static String normal(String path) {
        Deque<String> done = new ArrayDeque<>();
        for (String component : path.split("/")) {
            if (component.equals("..")) {
                done.pollLast();
            } else if (!component.isEmpty() && !component.equals(".")) {
                done.addLast(component);
            }
        }
        return String.join("/", done);
    }

    /** Where a link beside it leads, within the archive. */
    private static String besides(String path, String target) {
        int slash = path.lastIndexOf('/');
        return normal((slash < 0 ? "" : path.substring(0, slash + 1)) + target);
    }

    private Slice slice(String name) {
        Slice slice = slices.get(name);
        for (int i = 0; slice != null && slice.link() != null; i++) {
            slice = i < LINK_LIMIT ? slices.get(slice.link()) : null;
        }
        return slice;
    }

    @Override
    public long size(String name) {
        Slice slice = slice(name);
        return slice == null ? -1 : slice.length();
    }

    @Override
    public InputStream open(String name) {
        Slice slice = slice(name);
        return new BufferedInputStream(new SliceInput(file, slice.offset(), slice.length()), 1 << 16);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** The whole archive, over whose data one may skip without reading them. */
    private static final class SeekingInput extends FilterInputStream {
        private final FileChannel file;

        SeekingInput(FileChannel file) throws IOException {
            super(Channels.newInputStream(file.position(0)));
            this.file = file;
        }

        @Override
        public void skipNBytes(long n) throws IOException {
            if (n > file.size() - file.position()) {
                throw new java.io.EOFException();
            }
            file.position(file.position() + n);
        }
    }

    /** A run of the file, read by position so that several can be open. */
    private static final class SliceInput extends InputStream {
        private final FileChannel file;
        private long at;
        private long left;

        SliceInput(FileChannel file, long offset, long length) {
            this.file = file;
            this.at = offset;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int n = file.read(java.nio.ByteBuffer.wrap(bytes, from, (int) Math.min(length, left)), at);
            if (n > 0) {
                at += n;
                left -= n;
            }
            return n;
        }
    }
}
