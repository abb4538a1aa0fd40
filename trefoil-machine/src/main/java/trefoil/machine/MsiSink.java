package trefoil.machine;

/** Where devices send their messages. Thread-safe and does not block; see {@link InterruptLine} on locks. */
@FunctionalInterface
public interface MsiSink {
    /** A message whose address means nothing is dropped. */
    void send(Msi message);
}
