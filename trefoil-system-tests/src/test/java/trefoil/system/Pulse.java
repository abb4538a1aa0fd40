package trefoil.system;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks a server for a line over TCP again and again, and keeps how long each answer took. */
final class Pulse implements AutoCloseable {
    /** An answer that takes longer than this is none. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int PORT = 8080;

    private final InetSocketAddress address;
    private final List<Long> micros = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final Thread thread;
    private volatile boolean over;

    private Pulse(InetSocketAddress address) {
        this.address = address;
        this.thread = Thread.ofPlatform().name("pulse").start(this::run);
    }

    /** Lets the server answer from now on. */
    static void answerIn(Guest guest) {
        guest.sh("nc -ll -p " + PORT + " -e echo here >/dev/null 2>&1 </dev/null &");
    }

    /** Begins to ask. */
    static Pulse of(Guest guest) {
        return new Pulse(new InetSocketAddress(guest.address(), PORT));
    }

    private void run() {
        while (!over) {
            long begun = System.nanoTime();
            String failure = ask();
            synchronized (this) {
                if (failure != null) {
                    failures.add(failure);
                } else {
                    micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun));
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private String ask() {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            String answer = new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
            return answer.equals("here\n") ? null : "it answered '" + answer + "'";
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Answers that did not come, or were wrong. */
    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many answers came. */
    synchronized int answers() {
        return micros.size();
    }

    /** For people: how long answers took. */
    @Override
    public synchronized String toString() {
        List<Long> sorted = micros.stream().sorted().toList();
        return sorted.isEmpty()
                ? "no answer"
                : sorted.size() + " answers, median " + sorted.get(sorted.size() / 2) + " µs, longest " + sorted.getLast() + " µs";
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while the last answer is awaited", e);
        }
    }
}
