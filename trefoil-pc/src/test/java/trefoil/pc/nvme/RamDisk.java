package trefoil.pc.nvme;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/** 2 MiB of disk, with a gate before reads, a status that all operations shall have, and a list of what was done. */
final class RamDisk implements BlockBackend {
    final byte[] bytes = new byte[1 << 21];
    final List<String> deeds = Collections.synchronizedList(new ArrayList<>());
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile CountDownLatch reached = new CountDownLatch(1);
    volatile IoStatus next = IoStatus.OK;
    volatile boolean readOnly;
    volatile boolean closed;

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public int blockSize() {
        return 512;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    private IoStatus did(String deed) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        deeds.add(deed);
        return next;
    }

    @Override
    public IoStatus read(long offset, List<MemorySegment> into) {
        reached.countDown();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        long at = offset;
        for (MemorySegment segment : into) {
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, segment, 0, segment.byteSize());
            at += segment.byteSize();
        }
        return did("read");
    }

    @Override
    public IoStatus write(long offset, List<MemorySegment> from) {
        long at = offset;
        for (MemorySegment segment : from) {
            MemorySegment.copy(segment, 0, MemorySegment.ofArray(bytes), at, segment.byteSize());
            at += segment.byteSize();
        }
        return did("write");
    }

    @Override
    public IoStatus flush() {
        return did("flush");
    }

    @Override
    public IoStatus discard(long offset, long length) {
        return did("discard " + offset + " " + length);
    }

    @Override
    public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
        java.util.Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
        return did("zero " + zeroing);
    }

    @Override
    public void close() {
        closed = true;
    }
}
