package trefoil.demo;

/** The demo cannot go on; the message says what and why. */
final class DemoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String next;

    DemoException(String message, String next) {
        super(message);
        this.next = next;
    }

    /** The command to try next. */
    String next() {
        return next;
    }
}
