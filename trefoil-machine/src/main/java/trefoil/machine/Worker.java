package trefoil.machine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A thread that works while there is work, piece by piece, each in its turn: a lock that others may take between two pieces. */
public final class Worker implements AutoCloseable {
    private final ReentrantLock turn = new ReentrantLock();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final BooleanSupplier piece;
    private final Thread thread;
    private volatile boolean held;
    private volatile boolean closed;

    /** @param piece does one piece of work in the turn; whether there may be more */
    public Worker(String name, BooleanSupplier piece) {
        this.piece = piece;
        this.thread = Thread.ofVirtual().name(name).start(this::work);
    }

    /** There may be work. Thread-safe; does not block. */
    public void wake() {
        woken.set(true);
        LockSupport.unpark(thread);
    }

    private void work() {
        while (!closed) {
            if (held || !woken.getAndSet(false)) {
                LockSupport.park(this);
            } else if (inTurn(piece)) {
                woken.set(true);
            }
        }
    }

    /** Does something in the turn; false if the worker is held. */
    public boolean inTurn(BooleanSupplier something) {
        turn.lock();
        try {
            return !held && !closed && something.getAsBoolean();
        } finally {
            turn.unlock();
        }
    }

    /** Runs it when the piece at hand is done: now, or on a thread of its own. */
    public void afterPiece(Runnable then) {
        if (turn.tryLock()) {
            runAndUnlock(then);
        } else {
            Thread.ofVirtual().start(() -> {
                turn.lock();
                runAndUnlock(then);
            });
        }
    }

    private void runAndUnlock(Runnable then) {
        try {
            then.run();
        } finally {
            turn.unlock();
        }
    }

    /** Returns when no piece is being worked on; none will be until {@link #release}. */
    public void hold() {
        held = true;
        turn.lock();
        turn.unlock();
    }

    /** Ends {@link #hold}, and looks for work. */
    public void release() {
        held = false;
        wake();
    }

    public boolean isHeld() {
        return held;
    }

    @Override
    public void close() {
        closed = true;
        wake();
    }
}
