package trefoil.daemon.event;

import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.api.Event;

/** Publishes events. Thread-safe; publishing never blocks: a subscriber that cannot keep up is cut off. */
public final class Events {
    private final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final ReentrantLock order = new ReentrantLock();
    private long sequence;

    /** Whether anybody listens to events of this type: then they are worth making. */
    public boolean heard(String type) {
        return subscriptions.stream().anyMatch(subscription -> subscription.wants(type));
    }

    /** Tells all subscribers. */
    public void publish(String type, String resource, String action, Map<String, String> details) {
        order.lock();
        try {
            Event event = new Event(
                    ++sequence, System.currentTimeMillis(), type, resource, action, Map.copyOf(details));
            for (Subscription subscription : subscriptions) {
                subscription.offer(event);
            }
        } finally {
            order.unlock();
        }
    }

    /** Something about a server, image or network. */
    public void lifecycle(String resource, String action, Map<String, String> details) {
        publish("lifecycle", resource, action, details);
    }

    /** Something that the administrator should know. */
    public void warning(String resource, String action, String message) {
        publish("warning", resource, action, Map.of("message", message));
    }

    /** How many listen. */
    public int listeners() {
        return subscriptions.size();
    }

    /** Begins to listen to all that follows; {@code type} limits it to one type, {@code null} does not. */
    public Subscription subscribe(String type) {
        Subscription subscription = new Subscription(type, subscriptions::remove);
        order.lock();
        try {
            subscriptions.add(subscription);
        } finally {
            order.unlock();
        }
        return subscription;
    }
}
