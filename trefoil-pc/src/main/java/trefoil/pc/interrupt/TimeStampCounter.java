package trefoil.pc.interrupt;

/** One processor's time-stamp counter, as its local APIC's timer sees it. Thread-safe. */
public interface TimeStampCounter {
    /** Its value now. */
    long now();

    /** The machine's time ({@link trefoil.machine.Clock#nanos}) at which it reaches a value, as an unsigned number; {@link Long#MAX_VALUE} if never. */
    long nanosAt(long value);
}
