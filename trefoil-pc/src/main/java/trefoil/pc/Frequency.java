package trefoil.pc;

/** Between nanoseconds and the ticks of a counter, without rounding errors that add up. */
public record Frequency(long hertz) {
    private static final long SECOND = 1_000_000_000;
    private static final long FASTEST = Long.MAX_VALUE / SECOND;

    public Frequency {
        if (hertz <= 0 || hertz > FASTEST) {
            throw new IllegalArgumentException(hertz + " Hz");
        }
    }

    /** Whole ticks that have passed after so many nanoseconds. */
    public long ticks(long nanos) {
        return Math.floorDiv(nanos, SECOND) * hertz + Math.floorMod(nanos, SECOND) * hertz / SECOND;
    }

    /** The first nanosecond at which so many ticks have passed; the end of time if that is farther. */
    public long nanos(long ticks) {
        long seconds = Math.floorDiv(ticks, hertz);
        if (seconds >= Long.MAX_VALUE / SECOND - 1) {
            return Long.MAX_VALUE;
        }
        return seconds * SECOND + Math.ceilDiv(Math.floorMod(ticks, hertz) * SECOND, hertz);
    }
}
