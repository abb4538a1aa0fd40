package trefoil.pc.power;

/** Address line 20: open while the keyboard controller or port 0x92 says so. Thread-safe. */
public final class A20Gate {
    /** Whether each of the two asks for it. */
    public record State(boolean keyboard, boolean fast) {}

    private final PowerListener listener;
    private boolean keyboard;
    private boolean fast = true;

    public A20Gate(PowerListener listener) {
        this.listener = listener;
    }

    public synchronized void keyboard(boolean open) {
        set(open, fast);
    }

    synchronized void fast(boolean open) {
        set(keyboard, open);
    }

    synchronized boolean isFast() {
        return fast;
    }

    public synchronized boolean isOpen() {
        return keyboard || fast;
    }

    private void set(boolean byKeyboard, boolean byPort) {
        boolean was = isOpen();
        keyboard = byKeyboard;
        fast = byPort;
        if (was != isOpen()) {
            listener.a20(isOpen());
        }
    }

    public synchronized State state() {
        return new State(keyboard, fast);
    }

    public synchronized void restore(State state) {
        set(state.keyboard, state.fast);
    }
}
