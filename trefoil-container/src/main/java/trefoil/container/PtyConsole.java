package trefoil.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Open;
import trefoil.linux.tty.Terminal;

/**
 * A container's console on the master of a pseudoterminal (pty(7)). All consoles of the process are read by one thread; each
 * watcher is told on a virtual thread of its own, so that one that blocks holds up nobody else. A watcher that falls more
 * than 1 MiB behind is dropped ({@link Console.Watcher#overrun}), since neither skipping output in silence nor
 * stopping the container would do.
 *
 * <p>A program inside may close or hang up the terminal (agetty does); the master then answers {@code EIO} until
 * somebody opens it again, so {@code EIO} is no end. The end is {@link #close}. Thread-safe.
 */
public final class PtyConsole implements Console, AutoCloseable {
    private static final int RECENT = 64 * 1024;
    /** The ring grows from this to all that is recent: most consoles say little. */
    private static final int FIRST_RING = 1024;
    private static final int MOST_BEHIND = 1024 * 1024;
    private static final int MOST_INPUT = 64 * 1024;
    private static final int MOST_LEFT = 1024 * 1024;
    private static final int LAST_BUFFER = 16 * 1024;

    private final FileDescriptor master;
    private final ConsoleLog log;
    private final long key;

    // All below is guarded by this. A Watch's own lock is taken inside it, never the other way round.
    private byte[] ring = new byte[FIRST_RING];
    private long printed;
    private final List<Watch> watches = new ArrayList<>();
    private final ArrayDeque<byte[]> input = new ArrayDeque<>();
    private int inputBytes;
    private boolean closed;

    /**
     * Starts to read. What the log holds since its last mark counts as recent output.
     *
     * @param master of the pseudoterminal; owned by this object from now on, made non-blocking
     * @param log the file that output is appended to; see {@link #mark} and {@code logLimitBytes}
     * @param logLimitBytes most bytes of the log and its one predecessor ({@code .1}) together, at least 2,048
     */
    public PtyConsole(FileDescriptor master, Path log, long logLimitBytes) throws IOException {
        this.master = master;
        this.log = new ConsoleLog(log, logLimitBytes);
        try {
            remember(this.log.tail(RECENT));
            Open.nonblocking(master);
            key = ConsoleLoop.shared().add(master, this::serve);
        } catch (IOException e) {
            this.log.close();
            throw e;
        }
    }

    /** Writes a line of its own into the log, such as a boot's time; new watchers are given only what follows. */
    public synchronized void mark(String text) {
        log.mark(text);
        printed = 0;
    }

    /** Why the last output could not be written to the log (a full disk); {@code null} when it was. */
    public synchronized IOException logFailure() {
        return log.failure();
    }

    /** The recent output, as a new watcher is given it. */
    public synchronized byte[] recent() {
        int length = (int) Math.min(printed, RECENT);
        byte[] bytes = new byte[length];
        int from = (int) ((printed - length) % RECENT);
        int first = Math.min(length, RECENT - from);
        System.arraycopy(ring, from, bytes, 0, first);
        System.arraycopy(ring, 0, bytes, first, length - first);
        return bytes;
    }

    private void remember(byte[] data) {
        makeRoom(printed + data.length);
        int skip = Math.max(0, data.length - RECENT);
        for (int at = skip; at < data.length; ) {
            int to = (int) ((printed + at) % RECENT);
            int length = Math.min(data.length - at, RECENT - to);
            System.arraycopy(data, at, ring, to, length);
            at += length;
        }
        printed += data.length;
    }

    /** A ring that is smaller than all that is recent has not come round yet. */
    private void makeRoom(long bytes) {
        if (bytes > ring.length && ring.length < RECENT) {
            ring = Arrays.copyOf(ring, (int) Math.min(RECENT, Math.max(bytes, 2L * ring.length)));
        }
    }

    private synchronized boolean serve(MemorySegment buffer) {
        if (closed) {
            return false;
        }
        flushInput();
        return readOnce(buffer);
    }

    private boolean readOnce(MemorySegment buffer) {
        int length = Contents.tryRead(master, buffer);
        if (length <= 0) {
            return length == -Errno.EINTR; // EAGAIN: later; EIO: nobody inside has it open
        }
        byte[] data = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        remember(data);
        log.append(data);
        for (Watch watch : watches) {
            watch.offer(data.clone());
        }
        return true;
    }

    @Override
    public synchronized AutoCloseable watch(Watcher watcher) {
        Watch watch = new Watch(watcher);
        byte[] recent = recent();
        if (recent.length > 0) {
            watch.offer(recent);
        }
        if (closed) {
            watch.end();
        } else {
            watches.add(watch);
        }
        Thread.ofVirtual().name("console watcher").start(watch);
        return watch;
    }

    /**
     * {@inheritDoc} Never blocks: what the container does not take at once is kept, at most 64 KiB. What is typed
     * while nobody inside has the console open is lost, as on a machine.
     */
    @Override
    public synchronized void write(byte[] data) throws IOException {
        if (closed) {
            throw new IOException("the console is closed: its container has ended");
        }
        if (inputBytes + data.length > MOST_INPUT) {
            throw new IOException("nothing inside reads the console: " + inputBytes + " typed bytes wait already");
        }
        if (data.length > 0) {
            input.add(data.clone());
            inputBytes += data.length;
            flushInput();
        }
    }

    private void flushInput() {
        while (!input.isEmpty()) {
            byte[] next = input.poll();
            inputBytes -= next.length;
            int done = Contents.tryWrite(master, next, 0, next.length);
            if (done == -Errno.EAGAIN || done == -Errno.EINTR) {
                done = 0;
            }
            if (done >= 0 && done < next.length) {
                byte[] rest = Arrays.copyOfRange(next, done, next.length);
                input.addFirst(rest);
                inputBytes += rest.length;
                return; // the loop is told when there is room
            }
        }
    }

    @Override
    public synchronized void resize(int columns, int rows) throws IOException {
        if (closed) {
            throw new IOException("the console is closed: its container has ended");
        }
        Terminal.resize(master, columns, rows);
    }

    /** The container has ended: reads what is left, tells the watchers and closes the terminal. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LAST_BUFFER);
            for (int rounds = MOST_LEFT / LAST_BUFFER; rounds > 0 && readOnce(buffer); rounds--) {
                // until nothing is left; bounded in case something still prints
            }
        }
        closed = true;
        watches.forEach(Watch::end);
        watches.clear();
        try {
            ConsoleLoop.shared().remove(key, master);
        } catch (IOException e) {
            throw new UncheckedIOException("a console that was watched until now", e);
        } finally {
            master.close();
            log.close();
        }
    }

    private synchronized void forget(Watch watch) {
        watches.remove(watch);
    }

    /** One watcher with the output it has not been told yet. */
    private final class Watch implements AutoCloseable, Runnable {
        private final Watcher watcher;
        private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
        private int behind;
        private boolean overrun;
        private boolean ended;
        private boolean cancelled;

        Watch(Watcher watcher) {
            this.watcher = watcher;
        }

        synchronized void offer(byte[] data) {
            if (overrun || cancelled) {
                return;
            }
            if (behind + data.length > MOST_BEHIND) {
                overrun = true;
                queue.clear();
            } else {
                queue.add(data);
                behind += data.length;
            }
            notifyAll();
        }

        synchronized void end() {
            ended = true;
            notifyAll();
        }

        /** The next output; {@code null} when there will be none. */
        private synchronized byte[] next() throws InterruptedException {
            while (queue.isEmpty() && !overrun && !ended && !cancelled) {
                wait();
            }
            byte[] data = cancelled ? null : queue.poll();
            behind -= data == null ? 0 : data.length;
            return data;
        }

        @Override
        public void run() {
            try {
                for (byte[] data = next(); data != null; data = next()) {
                    watcher.output(data);
                }
                tellEnd();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                forget(this);
            }
        }

        private void tellEnd() {
            boolean tooSlow;
            synchronized (this) {
                if (cancelled) {
                    return;
                }
                tooSlow = overrun;
            }
            if (tooSlow) {
                watcher.overrun();
            } else {
                watcher.closed();
            }
        }

        @Override
        public void close() {
            synchronized (this) {
                cancelled = true;
                queue.clear();
                notifyAll();
            }
            forget(this);
        }
    }
}
