package trefoil.linux.event;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * Waiting for a few descriptors on the calling thread: poll(2). For one thread, the one that made it, and none but a platform
 * thread: it waits in the kernel and knows no interruption, so that who must heed one waits for a while at a time.
 */
public final class Poll implements AutoCloseable {
    private static final int SYS_POLL = 7;
    private static final int SIZE = 8; // struct pollfd {int fd; short events; short revents}
    private static final int EVENTS = 4;
    private static final int RETURNED = 6;
    private static final short POLLIN = 1;
    private static final int NOTHING = -1;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment asked;
    private final int places;

    /** A poll of as many descriptors, none of them watched yet. */
    public Poll(int places) {
        this.places = places;
        this.asked = arena.allocate((long) places * SIZE, 8);
        for (int i = 0; i < places; i++) {
            forget(i);
        }
    }

    /** Watches for something to read, an end or an error. Nobody may close the descriptor before it is forgotten. */
    public void watch(int place, FileDescriptor fd) {
        asked.set(ValueLayout.JAVA_INT, (long) place * SIZE, fd.number());
        asked.set(ValueLayout.JAVA_SHORT, (long) place * SIZE + EVENTS, POLLIN);
    }

    /** Watches it no more. */
    public void forget(int place) {
        asked.set(ValueLayout.JAVA_INT, (long) place * SIZE, NOTHING);
        asked.set(ValueLayout.JAVA_SHORT, (long) place * SIZE + RETURNED, (short) 0);
    }

    /**
     * Waits until one of them is ready.
     *
     * @param milliseconds at most, 0 to look only, −1 for ever
     * @return whether one is
     */
    public boolean await(int milliseconds) throws ErrnoException {
        long ready = Syscall.raw(SYS_POLL, asked.address(), places, milliseconds);
        if (ready < 0 && ready != -Errno.EINTR) {
            throw new ErrnoException("poll", (int) -ready);
        }
        if (ready < 0) { // the kernel has written nothing
            for (int i = 0; i < places; i++) {
                asked.set(ValueLayout.JAVA_SHORT, (long) i * SIZE + RETURNED, (short) 0);
            }
        }
        return ready > 0;
    }

    /** Whether the last wait found this one ready: to be read, at its end, or broken, which a read will tell. */
    public boolean ready(int place) {
        return asked.get(ValueLayout.JAVA_SHORT, (long) place * SIZE + RETURNED) != 0;
    }

    @Override
    public void close() {
        arena.close();
    }
}
