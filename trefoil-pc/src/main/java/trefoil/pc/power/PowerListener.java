package trefoil.pc.power;

/** What a guest wants of its board. Called by a vCPU's thread, under a device's lock: takes note, and does not block. */
public interface PowerListener {
    /** How much is reset. */
    enum Reset {
        /** INIT# of the processors alone. */
        PROCESSORS,
        /** The whole board. */
        BOARD,
        /** Power off and on. */
        POWER_CYCLE
    }

    void reset(Reset kind);

    /** A sleeping state was entered: 1, 3, 4 or 5. */
    void sleep(int state);

    /** The gate of address line 20 was opened or closed. */
    void a20(boolean open);
}
