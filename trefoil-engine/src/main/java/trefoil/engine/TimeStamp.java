package trefoil.engine;

/** A time-stamp counter. Thread-safe. */
public interface TimeStamp {
    /** Its value now, with what the guest has set it to. */
    long now();

    /** Sets it, as WRMSR to IA32_TIME_STAMP_COUNTER does; IA32_TSC_ADJUST moves with it (Intel SDM Vol. 3, 18.17.3). */
    void set(long value);

    /** IA32_TSC_ADJUST. */
    long adjust();

    /** Sets IA32_TSC_ADJUST; the counter moves by the difference. */
    void adjust(long value);
}
