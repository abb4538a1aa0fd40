package trefoil.disk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** A host's file in memory, which keeps a log of all that changed it, and fails where it is told to. Thread-safe. */
public final class MemoryFile implements BlockFile {
    /** What happened to the file. */
    public sealed interface Event {
        record Write(long offset, byte[] bytes) implements Event {}

        record Truncate(long length) implements Event {}

        record Sync() implements Event {}
    }

    /** A file system of small files. */
    private static final long LARGEST = 256 << 20;

    private byte[] bytes = new byte[0];
    private int length;
    private List<Event> log;
    private Predicate<Event> fault = event -> false;
    private int errno;
    private long reads;

    public MemoryFile() {}

    public MemoryFile(byte[] content) {
        bytes = content.clone();
        length = content.length;
    }

    /** Begins to record. */
    public synchronized void record() {
        log = new ArrayList<>();
    }

    public synchronized List<Event> log() {
        return log;
    }

    /** From now on what the predicate wants fails with this error number; of a failing write the first half is done. */
    public synchronized void fail(int number, Predicate<Event> which) {
        errno = number;
        fault = which;
    }

    public synchronized byte[] content() {
        return Arrays.copyOf(bytes, length);
    }

    /** Bytes that were asked for by all reads. */
    public synchronized long bytesRead() {
        return reads;
    }

    public Path dump(Path path) throws IOException {
        return Files.write(path, content());
    }

    private void happen(Event event) throws ErrnoException {
        if (fault.test(event)) {
            if (event instanceof Event.Write(long offset, byte[] written)) {
                put(offset, Arrays.copyOf(written, written.length / 2));
            }
            throw new ErrnoException("fault", errno);
        }
        if (end(event) > LARGEST) {
            throw new ErrnoException("pwrite", Errno.EFBIG);
        }
        if (log != null) {
            log.add(event);
        }
        switch (event) {
            case Event.Write(long offset, byte[] written) -> put(offset, written);
            case Event.Truncate(long size) -> resize(Math.toIntExact(size));
            case Event.Sync() -> {}
        }
    }

    private static long end(Event event) {
        return switch (event) {
            case Event.Write(long offset, byte[] written) -> offset + written.length;
            case Event.Truncate(long size) -> size;
            case Event.Sync() -> 0;
        };
    }

    private void put(long offset, byte[] written) {
        if (offset + written.length > length) {
            resize(Math.toIntExact(offset + written.length));
        }
        System.arraycopy(written, 0, bytes, (int) offset, written.length);
    }

    private void resize(int size) {
        if (size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size, bytes.length * 2));
        }
        if (size < length) {
            Arrays.fill(bytes, size, length, (byte) 0);
        }
        length = size;
    }

    @Override
    public synchronized long length() {
        return length;
    }

    @Override
    public synchronized void read(long offset, List<MemorySegment> into) throws IOException {
        long at = offset;
        for (MemorySegment segment : into) {
            int n = (int) Math.max(0, Math.min(segment.byteSize(), length - at));
            reads += segment.byteSize();
            if (n > 0) {
                MemorySegment.copy(bytes, (int) at, segment, JAVA_BYTE, 0, n);
            }
            segment.asSlice(n).fill((byte) 0);
            at += segment.byteSize();
        }
    }

    @Override
    public synchronized void write(long offset, List<MemorySegment> from) throws IOException {
        byte[] all = new byte[(int) Vector.length(from)];
        int at = 0;
        for (MemorySegment segment : from) {
            MemorySegment.copy(segment, JAVA_BYTE, 0, all, at, (int) segment.byteSize());
            at += (int) segment.byteSize();
        }
        happen(new Event.Write(offset, all));
    }

    @Override
    public synchronized void truncate(long size) throws IOException {
        happen(new Event.Truncate(size));
    }

    @Override
    public synchronized void sync() throws IOException {
        happen(new Event.Sync());
    }

    @Override
    public synchronized boolean punch(long offset, long size) throws IOException {
        return zero(offset, size);
    }

    @Override
    public synchronized boolean zero(long offset, long size) throws IOException {
        happen(new Event.Write(offset, new byte[(int) Math.max(0, Math.min(size, length - offset))]));
        return true;
    }

    @Override
    public void close() {}
}
