package trefoil.benchmarks;

/** The benchmark cannot go on; the message says what and why. */
final class BenchmarkException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String next;

    BenchmarkException(String message, String next) {
        super(message);
        this.next = next;
    }

    /** What to try next. */
    String next() {
        return next;
    }
}
