package trefoil.container;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;
import trefoil.linux.event.Poll;
import trefoil.linux.file.Contents;
import trefoil.linux.process.Pidfd;
import trefoil.linux.tty.Terminal;

/**
 * A process that was executed in a live container, with its streams. Thread-safe; one reader and one writer a stream.
 *
 * <p>Its end is seen by whoever asks first: {@link #carry} waits for it with its own thread and reads it from the zombie, so
 * that no other thread and no turn of the keeper stands between the end and the one who waits; {@link #await} and {@link #close}
 * leave it to the loop. The keeper is asked to forget the zombie when the process is let go of.
 */
final class ExecProcess implements Container.Process {
    private static final System.Logger LOG = System.getLogger(ExecProcess.class.getName());
    private static final int SIGKILL = 9;
    private static final int BUFFER = 32 << 10;
    /** How long {@link #carry} may not see that its thread was interrupted. */
    private static final int SLICE_MILLIS = 500;
    private static final int OUT = 0;
    private static final int ERROR = 1;
    private static final int END = 2;

    private final EventLoop loop;
    private final Reaper reaper;
    private final int pid;
    private final FileDescriptor pidfd;
    private final FileDescriptor input;
    private final FileDescriptor output;
    private final FileDescriptor error;
    private final boolean terminal;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    /** Whether somebody has taken it on himself to complete {@link #exit}. */
    private final AtomicBoolean watched = new AtomicBoolean();

    /** What the loop was asked for while it waits. Of whoever begins and wakes it. */
    private long watch;

    /** Guards the next three. Nothing is taken inside it. */
    private final ReentrantLock holding = new ReentrantLock();

    private boolean carried;
    private boolean closed;
    private boolean unreaped;
    /** Orders writes with the closing of the input. Nothing is taken inside it. */
    private final ReentrantLock writing = new ReentrantLock();

    /** Has the keeper forget a process that has ended, and tells how it did. Short enough for the loop's thread. */
    @FunctionalInterface
    interface Reaper {
        Exit reap(int pid, FileDescriptor pidfd);
    }

    /**
     * @param input non-blocking; not the same descriptor as {@code output}
     * @param output non-blocking; with a terminal its master
     * @param error non-blocking; {@code null} with a terminal
     */
    ExecProcess(
            EventLoop loop,
            Reaper reaper,
            int pid,
            FileDescriptor pidfd,
            FileDescriptor input,
            FileDescriptor output,
            FileDescriptor error) {
        this.loop = loop;
        this.reaper = reaper;
        this.pid = pid;
        this.pidfd = pidfd;
        this.input = input;
        this.output = output;
        this.error = error;
        this.terminal = error == null;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        int done = 0;
        writing.lock();
        try {
            while (done < length) {
                try {
                    done += Contents.write(input, data, offset + done, length - done);
                } catch (ErrnoException e) {
                    if (!EventLoop.again(e)) {
                        throw e;
                    }
                    loop.await(input, Epoll.EPOLLOUT);
                }
            }
        } catch (IllegalStateException e) {
            throw new IOException("the process's input is closed", e);
        } finally {
            writing.unlock();
        }
    }

    /** With a terminal it types the end-of-file character, termios(3) VEOF. */
    @Override
    public void closeInput() throws IOException {
        if (terminal) {
            write(new byte[] {4}, 0, 1);
        } else {
            input.close();
        }
    }

    @Override
    public int read(byte[] into) throws IOException {
        return read(output, into);
    }

    @Override
    public int readError(byte[] into) throws IOException {
        return terminal ? -1 : read(error, into);
    }

    private int read(FileDescriptor from, byte[] into) throws IOException {
        while (true) {
            try {
                int n = Contents.read(from, into, 0, into.length);
                return n == 0 && into.length > 0 ? -1 : n;
            } catch (ErrnoException e) {
                if (e.errno() == Errno.EIO && terminal) {
                    return -1; // pty(7): the last slave is closed
                }
                if (!EventLoop.again(e)) {
                    throw e;
                }
            } catch (IllegalStateException e) {
                throw new IOException("the process was let go of", e);
            }
            await(from);
        }
    }

    private void await(FileDescriptor from) throws IOException {
        try {
            loop.await(from, Epoll.EPOLLIN);
        } catch (IllegalStateException e) {
            throw new IOException("the process was let go of", e);
        }
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        if (!terminal) {
            return;
        }
        try {
            Terminal.resize(output, columns, rows);
        } catch (IllegalStateException e) {
            throw new IOException("the process was let go of", e);
        }
    }

    @Override
    public void signal(int signal) throws IOException {
        try {
            Pidfd.signal(pidfd, signal);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        } catch (IllegalStateException e) {
            throw new IOException("the process was let go of", e);
        }
    }

    @Override
    public Exit await() throws InterruptedException {
        try {
            watch();
            return exit.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exit is never a failure", e);
        }
    }

    /** Has the loop see its end while it waits to be told what to run. */
    void watchWaiting() throws ErrnoException {
        watched.set(true);
        watch = loop.once(pidfd, Epoll.EPOLLIN, () -> exit.complete(reaper.reap(pid, pidfd)));
    }

    /** Ends {@link #watchWaiting}; whether it still waits. */
    boolean wake() {
        if (!loop.cancel(watch)) {
            return false;
        }
        watched.set(false);
        return true;
    }

    /** Has the loop see its end, unless somebody else does. */
    private void watch() {
        if (!watched.compareAndSet(false, true)) {
            return;
        }
        try {
            loop.once(pidfd, Epoll.EPOLLIN, () -> exit.complete(reaper.reap(pid, pidfd)));
        } catch (ErrnoException | IllegalStateException e) { // the latter: the engine is closing
            LOG.log(System.Logger.Level.WARNING, "how process " + pid + " ends will not be known", e);
            exit.complete(new Exit(-1, 0));
        }
    }

    @Override
    public Exit carry(Container.Output to, int lingerMillis) throws IOException, InterruptedException {
        hold();
        try (Poll poll = new Poll(3)) {
            poll.watch(OUT, output);
            if (!terminal) {
                poll.watch(ERROR, error);
            }
            poll.watch(END, pidfd);
            return carry(to, poll, lingerMillis);
        } finally {
            letGo();
        }
    }

    private Exit carry(Container.Output to, Poll poll, int lingerMillis) throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        int open = terminal ? 1 : 2;
        Exit how = null;
        while (how == null || open > 0) {
            boolean ready = poll.await(how == null ? SLICE_MILLIS : lingerMillis);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (how != null && !ready) {
                return how; // what still holds the output is silent
            }
            open -= poll.ready(OUT) && !pass(poll, OUT, output, buffer, to::out) ? 1 : 0;
            open -= poll.ready(ERROR) && !pass(poll, ERROR, error, buffer, to::error) ? 1 : 0;
            if (poll.ready(END)) {
                poll.forget(END);
                how = end();
            }
        }
        return how;
    }

    /** One of the methods of {@link Container.Output}. */
    @FunctionalInterface
    private interface Taker {
        void take(byte[] data, int length) throws IOException, InterruptedException;
    }

    /** Passes on what is there; whether more may come. */
    private boolean pass(Poll poll, int place, FileDescriptor from, byte[] buffer, Taker to) throws IOException, InterruptedException {
        int n = available(from, buffer);
        if (n < 0) {
            poll.forget(place);
            return false;
        }
        if (n > 0) {
            to.take(buffer, n);
        }
        return true;
    }

    /** Reads what there is, 0 for nothing now, −1 at the end. */
    private int available(FileDescriptor from, byte[] into) throws ErrnoException {
        try {
            int n = Contents.read(from, into, 0, into.length);
            return n == 0 ? -1 : n;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EIO && terminal) {
                return -1; // pty(7): the last slave is closed
            }
            if (EventLoop.again(e)) {
                return 0;
            }
            throw e;
        }
    }

    /** How it ended, once its pidfd says that it has. */
    private Exit end() throws InterruptedException {
        if (!watched.compareAndSet(false, true)) {
            return await();
        }
        OptionalInt left = OptionalInt.empty();
        try {
            left = Zombie.ofZombie(pid, pidfd);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "process " + pid + " does not tell how it ended; its parent is asked", e);
        }
        Exit how = left.isPresent() ? Zombie.ofWaitStatus(left.getAsInt()) : reaper.reap(pid, pidfd);
        holding.lock();
        unreaped = left.isPresent();
        holding.unlock();
        exit.complete(how);
        return how;
    }

    private void hold() throws IOException {
        holding.lock();
        try {
            if (closed || carried) {
                throw new IOException(closed ? "the process was let go of" : "the process's output is carried already");
            }
            carried = true;
        } finally {
            holding.unlock();
        }
    }

    private void letGo() {
        holding.lock();
        carried = false;
        boolean last = closed;
        holding.unlock();
        if (last) {
            release();
        }
    }

    /** While its output is carried it is killed only, and whoever carries closes the streams: nobody closes what another polls. */
    @Override
    public void close() {
        if (!exit.isDone()) {
            try {
                Pidfd.signal(pidfd, SIGKILL);
            } catch (ErrnoException | IllegalStateException e) {
                // it has ended by itself
            }
        }
        holding.lock();
        boolean first = !closed;
        boolean busy = carried;
        closed = true;
        holding.unlock();
        if (first && !busy) {
            release();
        }
    }

    private void release() {
        input.close();
        output.close();
        if (error != null) {
            error.close();
        }
        watch();
        exit.whenComplete((how, none) -> {
            if (unreaped) {
                forget();
            }
            pidfd.close();
        });
    }

    private void forget() {
        try {
            reaper.reap(pid, pidfd);
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "the engine is closing: the next one has process " + pid + " reaped", e);
        }
    }
}
