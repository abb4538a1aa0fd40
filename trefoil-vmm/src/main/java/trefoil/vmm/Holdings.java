package trefoil.vmm;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a machine holds of the host, given back in the reverse order in which it was taken, and once. Not thread-safe. */
final class Holdings implements AutoCloseable {
    private final Deque<Runnable> releases = new ArrayDeque<>();

    /** Takes charge of something that is given back so. */
    void add(Runnable release) {
        releases.push(release);
    }

    /** Gives everything back, even if one of the releases breaks off; the first exception is thrown afterwards, with the others in it. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!releases.isEmpty()) {
            try {
                releases.pop().run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
