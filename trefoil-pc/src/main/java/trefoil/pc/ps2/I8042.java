package trefoil.pc.ps2;

import trefoil.machine.Bus;
import trefoil.pc.ByteRegisters;
import trefoil.pc.power.A20Gate;
import trefoil.pc.power.PowerListener;

/**
 * The 8042 keyboard controller (IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller"), with nothing plugged in. Thread-safe.
 *
 * <p>Deviations: neither keyboard nor mouse is there, so that a byte sent to one is answered by 0xFE and the time-out bit, and no interrupt is ever raised. Interface tests find no fault. Input and output ports have no other bits than those of reset and A20.
 */
public final class I8042 {
    /** Command byte and memory, what waits to be read (-1: nothing), the command that waits for its byte (-1: none). */
    public record State(byte[] ram, int output, boolean timedOut, boolean commanded, int waiting) {}

    public static final int DATA = 0x60;
    public static final int COMMAND = 0x64;

    private static final int OBF = 0x01;
    private static final int SYS = 0x04;
    private static final int CMD = 0x08;
    private static final int UNLOCKED = 0x10;
    private static final int TIMEOUT = 0x40;

    private static final int RESEND = 0xFE;
    private static final int OUTPUT_RESET = 0x01;
    private static final int OUTPUT_A20 = 0x02;

    private final A20Gate gate;
    private final PowerListener listener;
    private final byte[] ram = new byte[32];
    private int output = -1;
    private boolean timedOut;
    private boolean commanded;
    private int waiting = -1;

    public I8042(A20Gate gate, PowerListener listener) {
        this.gate = gate;
        this.listener = listener;
        ram[0] = 0x30 | SYS; // both interfaces disabled
    }

    public void attach(Bus bus) {
        bus.attach(data(), DATA, 1);
        bus.attach(command(), COMMAND, 1);
    }

    /** Port 0x60. */
    public ByteRegisters data() {
        return new ByteRegisters() {
            @Override
            public int read(int offset) {
                return take();
            }

            @Override
            public void write(int offset, int value) {
                accept(value);
            }
        };
    }

    /** Port 0x64: status and commands. */
    public ByteRegisters command() {
        return new ByteRegisters() {
            @Override
            public int read(int offset) {
                return status();
            }

            @Override
            public void write(int offset, int value) {
                execute(value);
            }
        };
    }

    private synchronized int status() {
        return (output >= 0 ? OBF : 0) | ram[0] & SYS | (commanded ? CMD : 0) | UNLOCKED | (timedOut ? TIMEOUT : 0);
    }

    private synchronized int take() {
        int value = Math.max(0, output);
        output = -1;
        timedOut = false;
        return value;
    }

    private void answer(int value) {
        output = value;
        timedOut = false;
    }

    private synchronized void accept(int value) {
        int command = waiting;
        waiting = -1;
        commanded = false;
        switch (command) {
            case -1, 0xD4 -> {
                answer(RESEND);
                timedOut = true;
            }
            case 0xD1 -> writeOutput(value);
            case 0xD2, 0xD3 -> answer(value);
            default -> ram[command & 0x1F] = (byte) value; // 60-7F
        }
    }

    private void writeOutput(int value) {
        gate.keyboard((value & OUTPUT_A20) != 0);
        if ((value & OUTPUT_RESET) == 0) {
            listener.reset(PowerListener.Reset.PROCESSORS);
        }
    }

    private synchronized void execute(int command) {
        commanded = true;
        waiting = -1;
        switch (command) {
            case 0xA7 -> ram[0] |= 0x20;
            case 0xA8 -> ram[0] &= ~0x20;
            case 0xA9, 0xAB -> answer(0x00);
            case 0xAA -> {
                ram[0] |= SYS;
                answer(0x55);
            }
            case 0xAD -> ram[0] |= 0x10;
            case 0xAE -> ram[0] &= ~0x10;
            case 0xC0 -> answer(0x80);
            case 0xD0 -> answer(OUTPUT_RESET | (gate.isOpen() ? OUTPUT_A20 : 0));
            case 0xD1, 0xD2, 0xD3, 0xD4 -> waiting = command;
            default -> executeRange(command);
        }
    }

    private void executeRange(int command) {
        if (command >= 0x20 && command < 0x40) {
            answer(ram[command & 0x1F] & 0xFF);
        } else if (command >= 0x60 && command < 0x80) {
            waiting = command;
        } else if (command >= 0xF0 && (command & OUTPUT_RESET) == 0) {
            listener.reset(PowerListener.Reset.PROCESSORS);
        }
    }

    public synchronized State state() {
        return new State(ram.clone(), output, timedOut, commanded, waiting);
    }

    public synchronized void restore(State state) {
        System.arraycopy(state.ram, 0, ram, 0, ram.length);
        output = state.output;
        timedOut = state.timedOut;
        commanded = state.commanded;
        waiting = state.waiting;
    }
}
