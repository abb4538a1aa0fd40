package trefoil.machine.fake;

import java.util.ArrayList;
import java.util.List;
import trefoil.machine.Msi;
import trefoil.machine.MsiSink;

/** A sink that keeps all messages. Thread-safe. */
public final class ProbeSink implements MsiSink {
    private final List<Msi> messages = new ArrayList<>();

    @Override
    public synchronized void send(Msi message) {
        messages.add(message);
    }

    /** Those sent since the last call. */
    public synchronized List<Msi> take() {
        List<Msi> taken = List.copyOf(messages);
        messages.clear();
        return taken;
    }
}
