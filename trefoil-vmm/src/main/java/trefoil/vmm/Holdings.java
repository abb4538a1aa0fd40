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

    /** Gives everything back, even if one of the releases throws: what was thrown last comes out. */
    @Override
    public void close() {
        if (!releases.isEmpty()) {
            try {
                releases.pop().run();
            } finally {
                close();
            }
        }
    }
}
