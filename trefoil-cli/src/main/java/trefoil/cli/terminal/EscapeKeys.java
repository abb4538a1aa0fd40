package trefoil.cli.terminal;

/**
 * Finds the keys that leave a console in what is typed: Ctrl-a, then q, as lxc-console(1) has it. Ctrl-a twice sends one
 * Ctrl-a; Ctrl-a and anything else sends both. For one thread.
 */
final class EscapeKeys {
    private static final byte CTRL_A = 1;

    private boolean pending;
    private boolean left;

    /** What of {@code length} octets of {@code typed} is to be sent, nothing behind the keys that leave. */
    byte[] pass(byte[] typed, int length) {
        byte[] sent = new byte[length + 1];
        int n = 0;
        for (int i = 0; i < length && !left; i++) {
            byte key = typed[i];
            if (!pending && key == CTRL_A) {
                pending = true;
            } else if (pending && key == 'q') {
                left = true;
            } else {
                if (pending && key != CTRL_A) {
                    sent[n++] = CTRL_A;
                }
                pending = false;
                sent[n++] = key;
            }
        }
        return java.util.Arrays.copyOf(sent, n);
    }

    /** Whether the keys that leave have been typed. */
    boolean left() {
        return left;
    }
}
