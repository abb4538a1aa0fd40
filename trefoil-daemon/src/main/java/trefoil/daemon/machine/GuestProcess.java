package trefoil.daemon.machine;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.container.Container;
import trefoil.container.Exit;
import trefoil.vmm.control.RemoteCommand;
import trefoil.vmm.control.RemoteCommand.News;

/** A command in a guest. One thread reads at a time. */
final class GuestProcess implements Container.Process {
    private final RemoteCommand command;
    private final int pid;

    /** Whose turn it is to wait for news; guards what follows. */
    private final ReentrantLock waiting = new ReentrantLock();

    private final Deque<byte[]> output = new ArrayDeque<>();
    private final Deque<byte[]> error = new ArrayDeque<>();
    private Integer status;

    /** @param pid of the machine's process: the guest's are not the host's */
    GuestProcess(RemoteCommand command, int pid) {
        this.command = command;
        this.pid = pid;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        command.write(data, offset, length);
    }

    @Override
    public void closeInput() throws IOException {
        command.endInput();
    }

    @Override
    public int read(byte[] into) throws IOException {
        return read(output, into);
    }

    @Override
    public int readError(byte[] into) throws IOException {
        return read(error, into);
    }

    private int read(Deque<byte[]> from, byte[] into) throws IOException {
        waiting.lock();
        try {
            while (from.isEmpty() && status == null) {
                take();
            }
            byte[] piece = from.poll();
            if (piece == null) {
                return -1;
            }
            int length = Math.min(piece.length, into.length);
            System.arraycopy(piece, 0, into, 0, length);
            if (length < piece.length) {
                from.addFirst(java.util.Arrays.copyOfRange(piece, length, piece.length));
            }
            return length;
        } finally {
            waiting.unlock();
        }
    }

    /** Waits for the next news and keeps it. */
    private void take() throws IOException {
        switch (command.next()) {
            case News.Output(byte[] data) -> output.add(data);
            case News.Error(byte[] data) -> error.add(data);
            case News.End(int how) -> status = how;
        }
    }

    @Override
    public Exit carry(Container.Output to, int lingerMillis) throws IOException, InterruptedException {
        waiting.lockInterruptibly();
        try {
            while (true) {
                switch (command.next()) {
                    case News.Output(byte[] data) -> to.out(data, data.length);
                    case News.Error(byte[] data) -> to.error(data, data.length);
                    case News.End(int how) -> {
                        status = how;
                        return exit();
                    }
                }
            }
        } finally {
            waiting.unlock();
        }
    }

    /** A shell tells of a signal by 128 and more. */
    private Exit exit() {
        return new Exit(status < 0 ? -1 : status & 0xff, 0);
    }

    /** Its terminal keeps the size that it was begun with: script(1) in the guest takes no other. */
    @Override
    public void resize(int columns, int rows) {}

    @Override
    public void signal(int signal) throws IOException {
        command.signal(signal);
    }

    @Override
    public Exit await() throws InterruptedException {
        waiting.lockInterruptibly();
        try {
            while (status == null) {
                take();
            }
            return exit();
        } catch (IOException e) {
            return new Exit(-1, 0);
        } finally {
            waiting.unlock();
        }
    }

    /** Who waits is woken first. */
    @Override
    public void close() {
        command.hangUp();
        waiting.lock();
        try {
            command.close();
        } finally {
            waiting.unlock();
        }
    }
}
