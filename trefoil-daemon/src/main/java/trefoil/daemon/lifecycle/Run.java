package trefoil.daemon.lifecycle;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import trefoil.container.Container;
import trefoil.container.Exit;

/**
 * One life of a server's process 1, from just before it is cloned to the note of its end. Thread-safe. Its gates
 * open in any order and never close: it has an address, it is usable, it is over, its end was taken note of.
 */
final class Run {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private volatile boolean usable;
    private volatile boolean settled;
    private volatile boolean concluded;
    private final AtomicInteger awaited = new AtomicInteger();
    private volatile Container container;
    private volatile Exit exit;
    private volatile String asked;
    private volatile List<String> addresses = List.of();
    private volatile String hindrance = "its process 1 has only just started";
    private volatile String lastWords = "";

    /** The container, once it was started or adopted. */
    void container(Container started) {
        container = started;
    }

    /** The container; {@code null} while it is being started. */
    Container container() {
        return container;
    }

    /** Whether this is the life that {@code other} tells of. */
    boolean isOf(Container other) {
        Container mine = container;
        return mine == null || mine == other || mine.pid() == other.pid() && mine.startedAt() == other.startedAt();
    }

    /** It is over. */
    void end(Exit how) {
        open(() -> exit = how);
    }

    /** How it ended; {@code null} while it has not. */
    Exit exit() {
        return exit;
    }

    /** Whether it has ended. */
    boolean over() {
        return exit != null;
    }

    /** Waits for its end; whether it came. */
    boolean awaitEnd(long millis) throws InterruptedException {
        return await(this::over, millis);
    }

    /** The end was taken note of. */
    void settle() {
        open(() -> settled = true);
    }

    /** Whether the end was taken note of. */
    boolean settled() {
        return settled;
    }

    /** What follows from its end was done too: a restart planned, an ephemeral server deleted. */
    void conclude() {
        open(() -> concluded = true);
    }

    /** Waits until what follows from its end was done. */
    boolean awaitConclusion(long millis) throws InterruptedException {
        return await(() -> concluded, millis);
    }

    /** Somebody asked for its end: {@code stop} or {@code kill}. */
    void asked(String cause) {
        asked = cause;
    }

    /** Why somebody asked for its end; {@code null} when nobody did. */
    String asked() {
        return asked;
    }

    /** It has these addresses. */
    void addresses(List<String> now) {
        open(() -> addresses = List.copyOf(now));
    }

    /** Its addresses, as last seen. */
    List<String> addresses() {
        return addresses;
    }

    /** It can be worked with. */
    void makeUsable() {
        open(() -> usable = true);
    }

    /** Whether it can be worked with. */
    boolean usable() {
        return usable && !over();
    }

    /** The console's last lines, kept when it ended badly before it was usable. */
    void lastWords(String tail) {
        lastWords = tail;
    }

    /** The console's last lines; empty when nobody kept them. */
    String lastWords() {
        return lastWords;
    }

    /** What it still lacks to be usable, for people. */
    void hindrance(String words) {
        hindrance = words;
    }

    /** What it still lacked to be usable when last looked at, for people. */
    String hindrance() {
        return hindrance;
    }

    /** A command waits for it; its restart policy waits for the command. */
    void beginAwaited() {
        awaited.incrementAndGet();
    }

    /** A command no longer waits for it. */
    void endAwaited() {
        awaited.decrementAndGet();
    }

    /** Whether a command waits for it. */
    boolean isAwaited() {
        return awaited.get() > 0;
    }

    /** Waits until it has an address, or is over; whether it has one. */
    boolean awaitAddress(long millis) throws InterruptedException {
        return await(() -> over() || !addresses.isEmpty(), millis) && !over();
    }

    /** Waits until it is usable, or is over; whether it is usable. */
    boolean awaitUsable(long millis) throws InterruptedException {
        return await(() -> over() || usable, millis) && !over();
    }

    private void open(Runnable change) {
        lock.lock();
        try {
            change.run();
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean await(BooleanSupplier gate, long millis) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lockInterruptibly();
        try {
            while (!gate.getAsBoolean() && left > 0) {
                left = news.awaitNanos(left);
            }
            return gate.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }
}
