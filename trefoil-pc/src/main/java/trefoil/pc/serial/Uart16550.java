package trefoil.pc.serial;

import java.util.ArrayDeque;
import java.util.Arrays;
import trefoil.machine.CharBackend;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.pc.ByteRegisters;

/**
 * The asynchronous receiver and transmitter PC16550D (National Semiconductor, June 1995), as a PC's COM port: the interrupt reaches its line while OUT2 is set. Thread-safe.
 *
 * <p>Bytes travel at once in both directions. What the backend does not take stays in the transmitter's FIFO, so that THRE stays clear; what the receiver has no room for stays in the backend, so that there is no overrun but in loopback.
 * Data below the trigger level raise the time-out interrupt four character times, as the divisor says, after the last byte.
 *
 * <p>Deviations: parity, framing and break do not occur, but break in loopback; the DMA mode and word length are stored and not looked at. Modem inputs CTS, DSR and DCD are always on, RI is off.
 */
public final class Uart16550 implements ByteRegisters {
    /** Registers and FIFOs. {@code thre}: the transmitter's interrupt is due; {@code last}: when the last byte came in. */
    public record State(
            int ier, boolean fifos, int trigger, int lcr, int mcr, int msr, int scr, int divisor, int errors, byte[] received, byte[] sent, boolean thre, boolean timedOut, long last) {}

    public static final int COM1 = 0x3F8;
    public static final int COM1_IRQ = 4;
    public static final int PORTS = 8;

    private static final int IER_ERBFI = 1;
    private static final int IER_ETBEI = 2;
    private static final int IER_ELSI = 4;
    private static final int IER_EDSSI = 8;

    private static final int IIR_NONE = 1;
    private static final int IIR_LINE_STATUS = 6;
    private static final int IIR_DATA = 4;
    private static final int IIR_TIMEOUT = 12;
    private static final int IIR_EMPTY = 2;
    private static final int IIR_MODEM = 0;

    private static final int LCR_BREAK = 0x40;
    private static final int LCR_DLAB = 0x80;
    private static final int MCR_OUT2 = 8;
    private static final int MCR_LOOP = 0x10;
    private static final int LSR_DR = 1;
    private static final int LSR_OE = 2;
    private static final int LSR_BI = 0x10;
    private static final int LSR_THRE = 0x20;
    private static final int LSR_TEMT = 0x40;
    private static final int LSR_FIFO_ERROR = 0x80;
    private static final int MSR_LINES = 0xF0;
    private static final int MSR_CONNECTED = 0xB0;
    private static final int MSR_RI = 0x40;

    private static final int FIFO = 16;
    private static final int[] TRIGGERS = {1, 4, 8, 14};
    /** Ten bits of sixteen clocks of 1.8432 MHz: nanoseconds of a character for each unit of the divisor. */
    private static final long CHARACTER = 86_806;

    private final Clock clock;
    private final InterruptLine line;
    private final CharBackend backend;
    private final Clock.Timer timeout;
    private final ArrayDeque<Byte> received = new ArrayDeque<>();
    private final ArrayDeque<Byte> sent = new ArrayDeque<>();
    private int ier;
    private boolean fifos;
    private int trigger = 1;
    private int lcr;
    private int mcr;
    private int msr = MSR_CONNECTED;
    private int scr;
    private int divisor = 12;
    private int errors;
    private boolean thre;
    private boolean timedOut;
    private long last;

    public Uart16550(Clock clock, InterruptLine line, CharBackend backend) {
        this.clock = clock;
        this.line = line;
        this.backend = backend;
        this.timeout = clock.timer(this::due);
        backend.listen(this::ready);
    }

    // ---- registers ----

    @Override
    public synchronized int read(int offset) {
        boolean latch = (lcr & LCR_DLAB) != 0;
        return switch (offset) {
            case 0 -> latch ? divisor & 0xFF : receive();
            case 1 -> latch ? divisor >> 8 : ier;
            case 2 -> identify();
            case 3 -> lcr;
            case 4 -> mcr;
            case 5 -> lineStatus();
            case 6 -> modemStatus();
            default -> scr;
        };
    }

    @Override
    public synchronized void write(int offset, int value) {
        boolean latch = (lcr & LCR_DLAB) != 0;
        switch (offset) {
            case 0 -> {
                if (latch) {
                    divisor = divisor & 0xFF00 | value;
                } else {
                    transmit((byte) value);
                }
            }
            case 1 -> {
                if (latch) {
                    divisor = divisor & 0xFF | value << 8;
                } else {
                    enable(value & 15);
                }
            }
            case 2 -> control(value);
            case 3 -> writeLcr(value);
            case 4 -> writeMcr(value & 0x1F);
            case 7 -> scr = value;
            default -> {} // LSR and MSR are read-only
        }
        drive();
    }

    private void enable(int value) {
        thre = (value & IER_ETBEI) != 0 && (thre || (ier & IER_ETBEI) == 0 && sent.isEmpty());
        ier = value;
    }

    /** FCR. */
    private void control(int value) {
        boolean on = (value & 1) != 0;
        if (on != fifos || (value & 2) != 0) {
            received.clear();
            timedOut = false;
        }
        if (on != fifos || (value & 4) != 0) {
            sent.clear();
            thre = (ier & IER_ETBEI) != 0;
        }
        fifos = on;
        trigger = on ? TRIGGERS[value >> 6] : 1;
        fill();
    }

    private void writeLcr(int value) {
        boolean breaks = (value & LCR_BREAK) != 0 && (lcr & LCR_BREAK) == 0;
        lcr = value;
        if (breaks && isLooped()) {
            errors |= LSR_BI;
            take((byte) 0);
        }
    }

    private void writeMcr(int value) {
        mcr = value;
        int lines = MSR_CONNECTED;
        if (isLooped()) { // CTS is RTS, DSR is DTR, RI is OUT1, DCD is OUT2
            lines = (value & 2) << 3 | (value & 1) << 5 | (value & 12) << 4;
        }
        int changed = (msr ^ lines) & MSR_LINES;
        boolean ringEnds = (changed & ~lines & MSR_RI) != 0;
        msr = lines | msr & 15 | (changed & ~MSR_RI) >> 4 | (ringEnds ? MSR_RI >> 4 : 0);
        if (!isLooped()) {
            flush();
            fill();
        }
    }

    private boolean isLooped() {
        return (mcr & MCR_LOOP) != 0;
    }

    private int modemStatus() {
        int value = msr;
        msr &= MSR_LINES;
        drive();
        return value;
    }

    private int lineStatus() {
        int value = errors | (received.isEmpty() ? 0 : LSR_DR) | (sent.isEmpty() ? LSR_THRE | LSR_TEMT : 0);
        value |= fifos && (errors & LSR_BI) != 0 ? LSR_FIFO_ERROR : 0;
        errors = 0;
        drive();
        return value;
    }

    /** IIR. Reading it answers the transmitter's interrupt, if that is what it tells. */
    private int identify() {
        int source = source();
        if (source == IIR_EMPTY) {
            thre = false;
            drive();
        }
        return source | (fifos ? 0xC0 : 0);
    }

    // ---- interrupts ----

    private int source() {
        if ((ier & IER_ELSI) != 0 && errors != 0) {
            return IIR_LINE_STATUS;
        }
        if ((ier & IER_ERBFI) != 0 && received.size() >= trigger) {
            return IIR_DATA;
        }
        if ((ier & IER_ERBFI) != 0 && timedOut) {
            return IIR_TIMEOUT;
        }
        if (thre) {
            return IIR_EMPTY;
        }
        return (ier & IER_EDSSI) != 0 && (msr & 15) != 0 ? IIR_MODEM : IIR_NONE;
    }

    private void drive() {
        if (source() != IIR_NONE && (mcr & MCR_OUT2) != 0 && !isLooped()) {
            line.raise();
        } else {
            line.lower();
        }
    }

    private synchronized void due() {
        if (fifos && !received.isEmpty() && clock.nanos() >= timeoutAt()) {
            timedOut = true;
            drive();
        }
    }

    private long timeoutAt() {
        return last + 4 * CHARACTER * Math.max(1, divisor);
    }

    // ---- the receiver ----

    private int receive() {
        Byte first = received.poll();
        timedOut = false;
        if (!isLooped()) {
            fill();
        }
        if (!received.isEmpty()) {
            last = clock.nanos();
            planTimeout();
        }
        drive();
        return first == null ? 0 : first & 0xFF;
    }

    /** Takes from the backend what there is room for. */
    private void fill() {
        if (isLooped()) {
            return;
        }
        byte[] bytes = new byte[FIFO];
        int room = (fifos ? FIFO : 1) - received.size();
        int n = room > 0 ? backend.read(bytes, 0, room) : 0;
        for (int i = 0; i < n; i++) {
            take(bytes[i]);
        }
    }

    private void take(byte value) {
        if (received.size() >= (fifos ? FIFO : 1)) {
            errors |= LSR_OE;
            if (fifos) {
                return;
            }
            received.clear(); // without FIFOs the new byte overwrites the old
        }
        received.add(value);
        last = clock.nanos();
        planTimeout();
    }

    private void planTimeout() {
        if (fifos && received.size() < trigger) {
            timeout.at(timeoutAt());
        } else {
            timeout.cancel();
        }
    }

    // ---- the transmitter ----

    private void transmit(byte value) {
        thre = false;
        if (isLooped()) {
            take(value);
        } else {
            if (sent.size() < (fifos ? FIFO : 1)) {
                sent.add(value);
            }
            flush();
        }
        thre = (ier & IER_ETBEI) != 0 && sent.isEmpty();
    }

    /** Gives the backend what it takes. */
    private void flush() {
        if (sent.isEmpty()) {
            return;
        }
        byte[] bytes = bytes(sent);
        int taken = backend.write(bytes, 0, bytes.length);
        for (int i = 0; i < taken; i++) {
            sent.poll();
        }
    }

    private synchronized void ready() {
        if (isLooped()) {
            return;
        }
        boolean waited = !sent.isEmpty();
        flush();
        thre |= waited && sent.isEmpty() && (ier & IER_ETBEI) != 0;
        fill();
        drive();
    }

    // ---- state ----

    private static byte[] bytes(ArrayDeque<Byte> queue) {
        byte[] bytes = new byte[queue.size()];
        int i = 0;
        for (byte value : queue) {
            bytes[i++] = value;
        }
        return bytes;
    }

    private static void fill(ArrayDeque<Byte> queue, byte[] bytes) {
        queue.clear();
        for (byte value : Arrays.copyOf(bytes, Math.min(bytes.length, FIFO))) {
            queue.add(value);
        }
    }

    public synchronized State state() {
        return new State(ier, fifos, trigger, lcr, mcr, msr, scr, divisor, errors, bytes(received), bytes(sent), thre, timedOut, last);
    }

    public synchronized void restore(State state) {
        ier = state.ier;
        fifos = state.fifos;
        trigger = state.trigger;
        lcr = state.lcr;
        mcr = state.mcr;
        msr = state.msr;
        scr = state.scr;
        divisor = state.divisor;
        errors = state.errors;
        fill(received, state.received);
        fill(sent, state.sent);
        thre = state.thre;
        timedOut = state.timedOut;
        last = state.last;
        if (!received.isEmpty() && !timedOut) {
            planTimeout();
        }
        drive();
    }
}
