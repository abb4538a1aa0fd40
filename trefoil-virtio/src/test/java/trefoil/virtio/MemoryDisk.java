package trefoil.virtio;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/** 64 KiB of disk, with a gate before reads. */
final class MemoryDisk implements BlockBackend {
    final byte[] bytes = new byte[1 << 16];
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile CountDownLatch reached = new CountDownLatch(1);
    volatile int flushes;
    volatile boolean readOnly;

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

    @Override
    public IoStatus read(long offset, List<MemorySegment> into) {
        reached.countDown();
        boolean interrupted = false;
        try {
            gate.await();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        long at = offset;
        for (MemorySegment segment : into) {
            MemorySegment.copy(MemorySegment.ofArray(bytes), at, segment, 0, segment.byteSize());
            at += segment.byteSize();
        }
        return interrupted ? IoStatus.IO_ERROR : IoStatus.OK;
    }

    @Override
    public IoStatus write(long offset, List<MemorySegment> from) {
        long at = offset;
        for (MemorySegment segment : from) {
            MemorySegment.copy(segment, 0, MemorySegment.ofArray(bytes), at, segment.byteSize());
            at += segment.byteSize();
        }
        return IoStatus.OK;
    }

    @Override
    public IoStatus flush() {
        flushes = flushes + 1;
        return IoStatus.OK;
    }

    @Override
    public IoStatus discard(long offset, long length) {
        return IoStatus.OK;
    }

    @Override
    public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
        java.util.Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
        return IoStatus.OK;
    }

    @Override
    public void close() {}
}
