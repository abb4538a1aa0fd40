package trefoil.container;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import trefoil.linux.FileDescriptor;

/**
 * Starts, adopts and deletes containers. One per daemon; thread-safe across containers; calls about the same container
 * are serialised by the caller. Containers, their consoles and exit statuses survive this process: a keeper holds them.
 */
public final class ContainerEngine implements AutoCloseable {
    /** Given the container's network namespace before its process 1 runs, to put interfaces in. */
    @FunctionalInterface
    public interface NetworkSetup {
        /** No interface but loopback. */
        NetworkSetup NONE = namespace -> {};

        /** @param namespace open on the new network namespace; closed by the engine */
        void into(FileDescriptor namespace) throws java.io.IOException;
    }

    /** Told once, from the engine's own thread, when a container's process 1 has ended. Must return quickly. */
    @FunctionalInterface
    public interface ExitListener {
        /** The container is over; its cgroup is already empty. */
        void ended(Container container, Exit exit);
    }

    private ContainerEngine() {}

    /**
     * Connects to the keeper of {@code runDirectory}, starting it when there is none.
     *
     * @param tag keeps cgroups of several daemons on one host apart; empty for the host's own
     */
    public static ContainerEngine open(Path runDirectory, String tag, ExitListener listener) throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Makes what a container needs on disk: directories, disk image, host name, machine id. Leaves nothing behind when it fails. */
    public void create(ContainerSpec spec) throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Starts it. Leaves nothing behind when it fails. */
    public Container start(ContainerSpec spec, NetworkSetup network) throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /**
     * Takes up a container that an earlier daemon started: running, or ended since (then the listener is told its exit).
     * Empty when the keeper knows nothing of it.
     */
    public Optional<Container> adopt(ContainerSpec spec) throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Ends whatever of this container runs or is mounted, and removes its cgroups; its files stay. Idempotent: for the undo of a half-made start. */
    public void clean(ContainerSpec spec) throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Removes the container's files. It must not be running. Idempotent. */
    public void delete(ContainerSpec spec) throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** What {@link #start} would do, in order. Needs no root and makes nothing. */
    public static List<Step> explain(ContainerSpec spec) {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Bytes of the host's memory that the keeper holds, for all containers together (PSS). */
    public long keeperMemory() {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Ends the keeper too; refused while a container runs. For {@code demo --stop} and tests. */
    public void retire() throws ContainerException {
        throw new UnsupportedOperationException("the container engine is not written yet");
    }

    /** Lets go; containers and keeper go on. */
    @Override
    public void close() {}
}
