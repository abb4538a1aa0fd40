package trefoil.vmm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import trefoil.machine.CharBackend;

/** A serial line on a process's standard input and output. What comes in waits until the guest reads it; at most {@link #WAITING} octets, then the reader waits. */
public final class StandardStreams implements CharBackend {
    private static final int WAITING = 4096;

    private final OutputStream out;
    private final Queue<Byte> in = new ArrayDeque<>();
    private volatile Runnable listener = () -> {};

    public StandardStreams(InputStream from, OutputStream to) {
        out = to;
        Thread.ofPlatform().name("trefoil-stdin").daemon().start(() -> pump(from));
    }

    private void pump(InputStream from) {
        try {
            for (int octet = from.read(); octet >= 0; octet = from.read()) {
                take((byte) octet);
            }
        } catch (IOException | InterruptedException e) {
            System.getLogger(StandardStreams.class.getName()).log(System.Logger.Level.DEBUG, "standard input ended: {0}", e.getMessage());
        }
    }

    private void take(byte octet) throws InterruptedException {
        boolean first;
        synchronized (in) {
            while (in.size() >= WAITING) {
                in.wait();
            }
            first = in.isEmpty();
            in.add(octet);
        }
        if (first) {
            listener.run();
        }
    }

    @Override
    public int write(byte[] from, int offset, int length) {
        try {
            out.write(from, offset, length);
            out.flush();
        } catch (IOException e) {
            // Nobody reads any more; a serial line without a terminal loses what is sent.
            return length;
        }
        return length;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        synchronized (in) {
            int n = 0;
            while (n < length && !in.isEmpty()) {
                into[offset + n++] = in.remove();
            }
            in.notifyAll();
            return n;
        }
    }

    @Override
    public void listen(Runnable ready) {
        listener = ready;
    }

    @Override
    public void close() {}
}
