package trefoil.container;

import java.io.IOException;

/** A container's console: a terminal whose output is kept in a bounded log and shown to any number of watchers. Thread-safe. */
public interface Console {
    /** Told what the console prints, from a thread of its own; one that blocks for long is dropped. */
    @FunctionalInterface
    interface Watcher {
        /** @param data output; the array is the watcher's to keep */
        void output(byte[] data);

        /** The console is gone: the container ended. */
        default void closed() {}

        /** This watcher was too slow and is told no more; it may watch again. As {@link #closed} unless said otherwise. */
        default void overrun() {
            closed();
        }
    }

    /** Adds a watcher; it is first given the recent output (at most 64 KiB) and then all that follows, with none lost between. Close the result to stop. */
    AutoCloseable watch(Watcher watcher);

    /** Types into the console. */
    void write(byte[] data) throws IOException;

    /** Changes the size of the terminal. */
    void resize(int columns, int rows) throws IOException;
}
