package trefoil.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Reads a machine's serial console and notes when texts come for the first time. A thread of its own reads, until the console's end. */
final class ConsoleWatch {
    private static final int KEPT = 4096;

    private final List<String> texts;
    private final long[] seen;
    private final CountDownLatch over = new CountDownLatch(1);
    private final StringBuilder tail = new StringBuilder();

    /** @param texts the last one is what {@link #await} waits for */
    ConsoleWatch(List<String> texts) {
        this.texts = List.copyOf(texts);
        this.seen = new long[texts.size()];
    }

    /** Begins to read. */
    void start(InputStream console) {
        Thread.ofPlatform().daemon().name("console").start(() -> read(console));
    }

    private void read(InputStream console) {
        byte[] octets = new byte[8192];
        try (console) {
            for (int count = console.read(octets); count >= 0; count = console.read(octets)) {
                take(new String(octets, 0, count, StandardCharsets.ISO_8859_1), System.nanoTime());
            }
        } catch (IOException e) {
            take("\n[the console could not be read: " + e.getMessage() + "]", System.nanoTime());
        } finally {
            over.countDown();
        }
    }

    /** What came, and when. A text may come in pieces. */
    synchronized void take(String piece, long now) {
        tail.append(piece);
        for (int i = 0; i < seen.length; i++) {
            if (seen[i] == 0 && tail.indexOf(texts.get(i)) >= 0) {
                seen[i] = now;
            }
        }
        if (tail.length() > KEPT) {
            tail.delete(0, tail.length() - KEPT);
        }
        if (seen[seen.length - 1] != 0) {
            over.countDown();
        }
    }

    /** Waits for the last text or the console's end; false if neither came in time. */
    boolean await(long nanos) throws InterruptedException {
        return over.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** When a text came, by {@link System#nanoTime}; 0 if it did not. */
    synchronized long seen(int text) {
        return seen[text];
    }

    /** The last line that holds something, without control characters. */
    synchronized String lastLine() {
        return tail.toString().replaceAll("\\e\\[[0-9;?]*[A-Za-z]", "").lines().map(String::strip).filter(line -> !line.isEmpty()).reduce((first, last) -> last).orElse("nothing");
    }
}
