package trefoil.benchmarks;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What is to be taken away in the end, last first, also when the user interrupts. Thread-safe. */
final class Litter implements AutoCloseable {
    /** Takes one thing away. */
    @FunctionalInterface
    interface Removal {
        void remove() throws IOException, InterruptedException;
    }

    private final Deque<Removal> all = new ArrayDeque<>();
    private final Thread onSignal = Thread.ofPlatform().unstarted(this::removeAll);
    private volatile boolean over;

    Litter() {
        Runtime.getRuntime().addShutdownHook(onSignal);
    }

    /** From now on there is this to be taken away. Nothing is to be made after the end: at once, then. */
    synchronized void add(Removal removal) throws InterruptedException {
        all.push(removal);
        if (over) {
            removeAll();
            throw new InterruptedException("the benchmark is being ended");
        }
    }

    /** Whether it has been taken away: whoever still works may fail of it. */
    boolean over() {
        return over;
    }

    private synchronized void removeAll() {
        over = true;
        while (!all.isEmpty()) {
            try {
                all.pop().remove();
            } catch (IOException e) {
                System.err.println("error: cleaning up: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        removeAll();
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            System.getLogger(Litter.class.getName()).log(System.Logger.Level.DEBUG, "it is what runs", e);
        }
    }
}
