package trefoil.daemon.lifecycle;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;

/** Whose turn it is to change a server: one command at a time. */
final class Turn {
    /** How long a second command waits before it is told who is at work. */
    static final long PATIENCE_MILLIS = 2000;

    private final ReentrantLock lock = new ReentrantLock(true);
    private volatile String holder = "";

    /** The turn, until it is closed. */
    final class Hold implements AutoCloseable {
        private final String before = holder;

        private Hold(String what) {
            holder = what;
        }

        @Override
        public void close() {
            holder = before;
            lock.unlock();
        }
    }

    /** What is being done to the server now, for people; empty when nothing is. */
    String holder() {
        return lock.isLocked() ? holder : "";
    }

    /** Takes the turn, waiting {@code millis}; else says who has it. */
    Hold take(String server, String what, long millis) throws InterruptedException {
        if (!lock.tryLock(millis, TimeUnit.MILLISECONDS)) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "server " + server + " is busy: " + holder + " is at work on it",
                    "wait until that is over and try again: trefoil query /1.0/operations");
        }
        return new Hold(what);
    }

    /** Takes the turn however long it takes. */
    Hold take(String what) throws InterruptedException {
        lock.lockInterruptibly();
        return new Hold(what);
    }
}
