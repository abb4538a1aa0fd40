package trefoil.pc.interrupt;

/** A model-specific register that is not there now, or a value that it refuses: the processor raises #GP(0). Without a stack trace: a guest can cause it as often as it likes. */
public final class MsrFault extends Exception {
    private static final long serialVersionUID = 1L;

    MsrFault(int msr) {
        super("MSR 0x" + Integer.toHexString(msr), null, false, false);
    }
}
