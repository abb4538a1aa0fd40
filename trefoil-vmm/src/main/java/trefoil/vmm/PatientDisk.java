package trefoil.vmm;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/**
 * A disk whose writes wait while the host has no room for them, rather than fail: a guest that is told of a failed write gives its file system up, and what it had not written yet is lost. It is asked again twice a second.
 * Thread-safe.
 */
final class PatientDisk implements BlockBackend {
    private static final long AGAIN_MILLIS = 500;

    private final BlockBackend disk;
    private final long mostNanos;
    private final Consumer<Boolean> listener;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition hurried = lock.newCondition();
    private volatile boolean hurry;

    /**
     * @param mostSeconds for which an operation waits before it fails after all
     * @param listener told when the first one begins to wait, and when none does any more; called by the threads that wait
     */
    PatientDisk(BlockBackend disk, long mostSeconds, Consumer<Boolean> listener) {
        this.disk = disk;
        this.mostNanos = TimeUnit.SECONDS.toNanos(mostSeconds);
        this.listener = listener;
    }

    /** From now on nothing waits. */
    void hurry() {
        lock.lock();
        try {
            hurry = true;
            hurried.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private IoStatus patiently(Supplier<IoStatus> operation) {
        IoStatus status = operation.get();
        return status == IoStatus.NO_SPACE && !hurry ? again(operation) : status;
    }

    private IoStatus again(Supplier<IoStatus> operation) {
        if (waiting.getAndIncrement() == 0) {
            listener.accept(true);
        }
        try {
            long begun = System.nanoTime();
            IoStatus status = IoStatus.NO_SPACE;
            while (status == IoStatus.NO_SPACE && pause() && System.nanoTime() - begun < mostNanos) {
                status = operation.get();
            }
            return status;
        } finally {
            if (waiting.decrementAndGet() == 0) {
                listener.accept(false);
            }
        }
    }

    /** False when nothing is to wait any more. */
    private boolean pause() {
        lock.lock();
        try {
            if (!hurry) {
                hurried.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
            return !hurry;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long size() {
        return disk.size();
    }

    @Override
    public int blockSize() {
        return disk.blockSize();
    }

    @Override
    public boolean isReadOnly() {
        return disk.isReadOnly();
    }

    @Override
    public IoStatus read(long offset, List<MemorySegment> into) {
        return disk.read(offset, into);
    }

    @Override
    public IoStatus write(long offset, List<MemorySegment> from) {
        return patiently(() -> disk.write(offset, from));
    }

    @Override
    public IoStatus flush() {
        return patiently(disk::flush);
    }

    @Override
    public IoStatus discard(long offset, long length) {
        return patiently(() -> disk.discard(offset, length));
    }

    @Override
    public IoStatus writeZeroes(long offset, long length, Zeroing zeroing) {
        return patiently(() -> disk.writeZeroes(offset, length, zeroing));
    }

    @Override
    public void close() {
        hurry();
        disk.close();
    }
}
