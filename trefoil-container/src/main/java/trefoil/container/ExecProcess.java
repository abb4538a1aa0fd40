package trefoil.container;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Epoll;
import trefoil.linux.file.Contents;
import trefoil.linux.process.Pidfd;
import trefoil.linux.tty.Terminal;

/** A process that was executed in a live container, with its streams. Thread-safe; one reader and one writer a stream. */
final class ExecProcess implements Container.Process {
    private static final int SIGKILL = 9;

    private final EventLoop loop;
    private final int pid;
    private final FileDescriptor pidfd;
    private final FileDescriptor input;
    private final FileDescriptor output;
    private final FileDescriptor error;
    private final boolean terminal;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    /** Orders writes with the closing of the input. Nothing is taken inside it. */
    private final ReentrantLock writing = new ReentrantLock();

    /**
     * @param input non-blocking; not the same descriptor as {@code output}
     * @param output non-blocking; with a terminal its master
     * @param error non-blocking; {@code null} with a terminal
     */
    ExecProcess(
            EventLoop loop,
            int pid,
            FileDescriptor pidfd,
            FileDescriptor input,
            FileDescriptor output,
            FileDescriptor error) {
        this.loop = loop;
        this.pid = pid;
        this.pidfd = pidfd;
        this.input = input;
        this.output = output;
        this.error = error;
        this.terminal = error == null;
    }

    /** Told by the engine. */
    void ended(Exit how) {
        exit.complete(how);
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
        if (terminal) {
            Terminal.resize(output, columns, rows);
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
        }
    }

    @Override
    public Exit await() throws InterruptedException {
        try {
            return exit.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exit is never a failure", e);
        }
    }

    @Override
    public void close() {
        if (!exit.isDone()) {
            try {
                Pidfd.signal(pidfd, SIGKILL);
            } catch (ErrnoException | IllegalStateException e) {
                // it has ended by itself
            }
        }
        input.close();
        output.close();
        if (error != null) {
            error.close();
        }
        exit.whenComplete((how, none) -> pidfd.close());
    }
}
