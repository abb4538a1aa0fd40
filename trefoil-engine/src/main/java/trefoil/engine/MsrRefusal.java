package trefoil.engine;

/** A register that is not there, or refuses a value: #GP(0). Without a stack trace, since guests can cause it as often as they like. */
public final class MsrRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    public MsrRefusal(int number) {
        super("MSR 0x" + Integer.toHexString(number), null, false, false);
    }
}
