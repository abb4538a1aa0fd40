package trefoil.daemon.event;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import trefoil.api.Event;

/** One listener's queue. One thread takes; {@link #close} may come from any. */
public final class Subscription implements AutoCloseable {
    /** Most events that wait for a listener before it is cut off. */
    static final int LONGEST = 1024;

    private final String type;
    private final Consumer<Subscription> leave;
    private final ArrayBlockingQueue<Event> queue = new ArrayBlockingQueue<>(LONGEST);
    private volatile boolean overrun;

    Subscription(String type, Consumer<Subscription> leave) {
        this.type = type;
        this.leave = leave;
    }

    boolean wants(String other) {
        return type == null || type.equals(other);
    }

    void offer(Event event) {
        if (!wants(event.type())) {
            return;
        }
        if (!overrun && !queue.offer(event)) {
            overrun = true;
            close();
        }
    }

    /** The next event; {@code null} when none came within the time. Those queued before the listener was cut off still come. */
    public Event take(long millis) throws InterruptedException {
        return queue.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** Whether an event did not fit and the listener was cut off. */
    public boolean overrun() {
        return overrun;
    }

    @Override
    public void close() {
        leave.accept(this);
    }
}
