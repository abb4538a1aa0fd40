package trefoil.machine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The host's clock as a machine's: {@link System#nanoTime} less the pauses. One platform thread runs all timers' actions, one after the other.
 */
public final class SystemClock implements Clock, AutoCloseable {
    /** Guards everything below. No other lock is taken while it is held, and actions run without it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private final Thread thread;
    private long origin = System.nanoTime();
    private long stoppedAt;
    private boolean stopped;
    private boolean closed;

    /** @param broken told when an action throws: that is a bug, and no timer fires any more */
    public SystemClock(Thread.UncaughtExceptionHandler broken) {
        thread = Thread.ofPlatform().name("trefoil-clock").daemon().uncaughtExceptionHandler(broken).start(this::run);
    }

    @Override
    public long nanos() {
        lock.lock();
        try {
            return stopped ? stoppedAt : System.nanoTime() - origin;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long epochNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** Stops the time. */
    public void pause() {
        lock.lock();
        try {
            stoppedAt = nanos();
            stopped = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets it go on where it stood. */
    public void resume() {
        resume(nanos());
    }

    /** Lets it go on from a time that a snapshot tells. */
    public void resume(long nanos) {
        lock.lock();
        try {
            origin = System.nanoTime() - nanos;
            stopped = false;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Timer timer(Runnable action) {
        return new Entry(action);
    }

    /** Ends the thread, unless it is the caller; no timer fires any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive() && Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<Entry> due = new ArrayList<>();
        try {
            while (await(due)) {
                due.forEach(entry -> entry.action.run());
                due.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // somebody ends this thread, and with it the clock
        }
    }

    /** Waits until timers are due and takes them out of the queue; false when closed. */
    private boolean await(List<Entry> due) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = nanos();
                while (!stopped && !queue.isEmpty() && queue.peek().deadline <= now) {
                    due.add(queue.poll());
                }
                if (!due.isEmpty()) {
                    return true;
                }
                if (stopped || queue.isEmpty()) {
                    changed.await();
                } else {
                    changed.awaitNanos(queue.peek().deadline - now);
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private final class Entry implements Timer, Comparable<Entry> {
        private final Runnable action;
        private long deadline;

        Entry(Runnable action) {
            this.action = action;
        }

        @Override
        public void at(long nanos) {
            lock.lock();
            try {
                queue.remove(this);
                deadline = nanos;
                queue.add(this);
                if (queue.peek() == this) {
                    changed.signal();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                queue.remove(this);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int compareTo(Entry other) {
            return Long.compare(deadline, other.deadline);
        }
    }
}
