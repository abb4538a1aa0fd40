package trefoil.pc.power;

import trefoil.pc.ByteRegisters;

/** The reset control register at port 0xCF9 (ICH9 data sheet, 316972-004, 13.7.5): RST_CPU going to 1 resets, as SYS_RST and FULL_RST say. Thread-safe. */
public final class ResetControl implements ByteRegisters {
    /** The register. */
    public record State(int value) {}

    public static final int PORT = 0xCF9;
    /** What the ACPI reset register is written with: SYS_RST and RST_CPU. */
    public static final int RESET_VALUE = 0x06;

    private static final int SYS_RST = 2;
    private static final int RST_CPU = 4;
    private static final int FULL_RST = 8;

    private final PowerListener listener;
    private int value;

    public ResetControl(PowerListener listener) {
        this.listener = listener;
    }

    @Override
    public synchronized int read(int offset) {
        return value;
    }

    @Override
    public synchronized void write(int offset, int written) {
        boolean rises = (written & ~value & RST_CPU) != 0;
        value = written & (SYS_RST | RST_CPU | FULL_RST);
        if (rises) {
            listener.reset((written & SYS_RST) == 0 ? PowerListener.Reset.PROCESSORS : (written & FULL_RST) != 0 ? PowerListener.Reset.POWER_CYCLE : PowerListener.Reset.BOARD);
        }
    }

    public synchronized State state() {
        return new State(value);
    }

    public synchronized void restore(State state) {
        value = state.value;
    }
}
