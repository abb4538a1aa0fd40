package trefoil.daemon.resource;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import trefoil.api.Event;
import trefoil.api.JsonTypes;
import trefoil.daemon.event.Subscription;

/** The WebSocket of events. A listener whose queue overflows is told so and disconnected (close code 1013, "try again later"). */
public final class EventSocket implements Session.Listener.AutoDemanding {
    private static final int NORMAL = 1000;
    private static final int TRY_AGAIN_LATER = 1013;
    private static final int GOING_AWAY = 1001;
    /** How long one event may take to be sent before the listener counts as stuck. */
    private static final long STUCK_SECONDS = 30;

    private final Subscription subscription;
    private volatile boolean closed;

    /** @param subscription begun before the client knows that it is connected, so that it misses nothing from then on */
    EventSocket(Subscription subscription) {
        this.subscription = subscription;
    }

    @Override
    public void onWebSocketOpen(Session session) {
        Thread.ofVirtual().name("events").start(() -> pump(session));
    }

    private void pump(Session session) {
        try (subscription) {
            while (!closed) {
                Event event = subscription.take(subscription.overrun() ? 0 : 1000);
                if (event != null) {
                    CompletableFuture<Void> sent = new CompletableFuture<>();
                    session.sendText(
                            JsonTypes.of(Event.class).toJson(event),
                            Callback.from(() -> sent.complete(null), sent::completeExceptionally));
                    sent.get(STUCK_SECONDS, TimeUnit.SECONDS);
                } else if (subscription.overrun()) {
                    session.close(TRY_AGAIN_LATER, "this reader is too slow: events would have been lost", Callback.NOOP);
                    return;
                }
            }
            session.close(NORMAL, "", Callback.NOOP);
        } catch (TimeoutException e) {
            session.disconnect();
        } catch (ExecutionException e) {
            // the listener went away while it was told something
            session.disconnect();
        } catch (InterruptedException e) {
            session.close(GOING_AWAY, "the daemon is ending", Callback.NOOP);
        }
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        Departure.note("events", cause);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        callback.succeed();
        closed = true;
        subscription.close();
    }
}
