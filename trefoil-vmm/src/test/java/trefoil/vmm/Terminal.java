package trefoil.vmm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import trefoil.machine.CharBackend;

/** A serial line's other end: keeps what comes, and types an answer when it sees a question. */
final class Terminal implements CharBackend {
    private final String question;
    private final byte[] answer;
    private final StringBuilder seen = new StringBuilder();
    private final Queue<Byte> typed = new ArrayDeque<>();
    private Runnable listener = () -> {};
    private boolean answered;

    Terminal(String question, String answer) {
        this.question = question;
        this.answer = answer.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public int write(byte[] from, int offset, int length) {
        Runnable told = null;
        synchronized (this) {
            seen.append(new String(from, offset, length, StandardCharsets.ISO_8859_1));
            if (!answered && seen.indexOf(question) >= 0) {
                answered = true;
                for (byte octet : answer) {
                    typed.add(octet);
                }
                told = listener;
            }
        }
        if (told != null) {
            Thread.startVirtualThread(told);
        }
        return length;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) {
        int n = 0;
        while (n < length && !typed.isEmpty()) {
            into[offset + n++] = typed.remove();
        }
        return n;
    }

    @Override
    public synchronized void listen(Runnable ready) {
        listener = ready;
    }

    synchronized String text() {
        return seen.toString();
    }

    @Override
    public void close() {}
}
