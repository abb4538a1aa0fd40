package trefoil.virtio.queue;

/** The driver broke a rule of the queue, which cannot go on: the device needs a reset. Without a stack trace: a guest can cause it as often as it likes. */
public final class QueueFault extends Exception {
    private static final long serialVersionUID = 1L;

    public QueueFault(String message) {
        super(message, null, false, false);
    }
}
