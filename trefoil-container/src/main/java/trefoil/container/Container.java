package trefoil.container;

import java.io.IOException;
import trefoil.linux.FileDescriptor;

/** A container that was started. Thread-safe. */
public interface Container {
    /** What it was started with. */
    ContainerSpec spec();

    /** Host's process id of its process 1. */
    int pid();

    /** When process 1 started, milliseconds since the epoch. */
    long startedAt();

    /** Whether process 1 lives. */
    boolean alive();

    /** Asks process 1 to power off, in the way its init understands (systemd: SIGRTMIN+4, busybox: SIGUSR2, others: SIGTERM). */
    void askToPowerOff() throws ContainerException;

    /** Kills every process in it at once. */
    void kill() throws ContainerException;

    /** Freezes every process in it. Returns when they are frozen. */
    void pause() throws ContainerException;

    /** Thaws it. */
    void resume() throws ContainerException;

    /** Whether it is frozen. */
    boolean paused();

    /** Applies limits to it as it runs. */
    void limits(ResourceLimits limits) throws ContainerException;

    /** What it uses. */
    Statistics statistics() throws ContainerException;

    /** Runs another process inside, with the same isolation as process 1. */
    Process exec(ExecSpec spec) throws ContainerException;

    /**
     * Has a process begun that the next {@link #exec} without a terminal will find waiting inside, so that it takes half the time; {@code ps}
     * inside shows it. Where none can be begun, nothing happens.
     */
    void anticipate();

    /** Ends what {@link #anticipate} began, unless it has been used. */
    void relax();

    /** Its console. */
    Console console();

    /** Its files, as root inside sees them. */
    ContainerFiles files() throws ContainerException;

    /** A new descriptor of its network namespace; the caller closes it. */
    FileDescriptor networkNamespace() throws ContainerException;

    /** A process that {@link #exec} started. */
    interface Process extends AutoCloseable {
        /** Host's process id. */
        int pid();

        /** Writes to its standard input or terminal. Blocks while it does not read. */
        void write(byte[] data, int offset, int length) throws IOException;

        /** Ends its standard input. */
        void closeInput() throws IOException;

        /** Reads its standard output or terminal; −1 at the end. */
        int read(byte[] into) throws IOException;

        /** Reads its standard error; −1 at the end, and at once when it has a terminal. */
        int readError(byte[] into) throws IOException;

        /**
         * Carries what it prints to {@code to}, on the calling thread, until it has ended and its output too: a descendant may hold
         * that open, so output that pauses for {@code lingerMillis} after the end counts as ended. To be called from a platform
         * thread, since it waits in the kernel, and in place of {@link #read}, {@link #readError} and {@link #await}.
         *
         * @throws IOException when {@code to} takes no more, or it was let go of before it had ended
         */
        Exit carry(Output to, int lingerMillis) throws IOException, InterruptedException;

        /** Changes the size of its terminal. */
        void resize(int columns, int rows) throws IOException;

        /** Sends it a signal. */
        void signal(int signal) throws IOException;

        /** Waits until it has ended. */
        Exit await() throws InterruptedException;

        /** Lets go of it: closes its streams; kills it when it still runs. */
        @Override
        void close();
    }

    /** Takes what a process prints. Blocks for as long as it can take no more. */
    interface Output {
        /** Some of its standard output, or of its terminal's: {@code length} bytes of {@code data}, which is used again. */
        void out(byte[] data, int length) throws IOException, InterruptedException;

        /** Some of its standard error. */
        void error(byte[] data, int length) throws IOException, InterruptedException;
    }
}
