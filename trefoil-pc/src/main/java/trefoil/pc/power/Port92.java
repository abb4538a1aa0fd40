package trefoil.pc.power;

import trefoil.pc.ByteRegisters;

/** Port 0x92, Fast A20 and Init (ICH9 data sheet, 316972-004, 13.7.3): bit 1 opens A20, bit 0 going to 1 resets the processors. Its state is the {@link A20Gate}'s. Thread-safe. */
public final class Port92 implements ByteRegisters {
    /** Bit 0. */
    public record State(boolean init) {}

    public static final int PORT = 0x92;

    private final A20Gate gate;
    private final PowerListener listener;
    private boolean init;

    public Port92(A20Gate gate, PowerListener listener) {
        this.gate = gate;
        this.listener = listener;
    }

    @Override
    public synchronized int read(int offset) {
        return (gate.isFast() ? 2 : 0) | (init ? 1 : 0);
    }

    @Override
    public synchronized void write(int offset, int value) {
        boolean rises = (value & 1) != 0 && !init;
        init = (value & 1) != 0;
        gate.fast((value & 2) != 0);
        if (rises) {
            listener.reset(PowerListener.Reset.PROCESSORS);
        }
    }

    public synchronized State state() {
        return new State(init);
    }

    public synchronized void restore(State state) {
        init = state.init;
    }
}
