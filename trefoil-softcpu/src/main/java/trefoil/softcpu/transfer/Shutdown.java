package trefoil.softcpu.transfer;

/** A triple fault: the processor has shut down, and waits for RESET, INIT or NMI (Intel SDM Vol. 3, 6.15, "Interrupt 8"). For the run loop to catch; without a stack trace. */
public final class Shutdown extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param exceptions that followed one another, for people */
    Shutdown(String exceptions) {
        super("triple fault: " + exceptions, null, false, false);
    }
}
