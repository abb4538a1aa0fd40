package trefoil.pc.power;

import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.pc.ByteRegisters;
import trefoil.pc.timer.PmTimer;

/**
 * The power-management ports of the ICH9 (316972-004, 13.8.3), 128 of them from PMBASE: PM1 event and control block, timer, GPE0 block (ACPI 6.5, 4.8.3 and 4.8.4). Thread-safe.
 *
 * <p>The board is always in ACPI mode: SCI_EN is 1 after reset, and may be cleared. Deviations: no SMI, so SMI_EN keeps what is written and does nothing; no sleep button, no RTC event, no bus master status, no
 * power-button override; the processor-control and TCO registers do not exist and read 0.
 */
public final class AcpiPm implements ByteRegisters {
    /** {@code toggles}: the timer's carries up to which TMROF_STS was set. */
    public record State(int pm1Status, int pm1Enable, int pm1Control, long gpeStatus, long gpeEnable, int smiEnable, long toggles) {}

    public static final int PORTS = 128;
    /** Offsets of what the FADT names. */
    public static final int PM1_EVENT = 0x00;
    public static final int PM1_CONTROL = 0x04;
    public static final int TIMER = 0x08;
    public static final int GPE0 = 0x20;
    /** Bytes of the GPE0 block, status and enable. */
    public static final int GPE0_LENGTH = 16;
    /** SLP_TYP of S5. */
    public static final int SOFT_OFF = 7;

    private static final int GPE0_ENABLE = 0x28;
    private static final int SMI_ENABLE = 0x30;

    private static final int TMROF = 1;
    private static final int GBL = 1 << 5;
    private static final int PWRBTN = 1 << 8;
    private static final int RTC = 1 << 10;
    private static final int WAK = 1 << 15;
    private static final int STATUS = TMROF | GBL | PWRBTN | RTC | WAK;
    private static final int ENABLE = TMROF | GBL | PWRBTN | RTC;
    private static final int SCI_EN = 1;
    private static final int CONTROL = SCI_EN | 2 | 7 << 10;
    private static final int SLP_EN = 0x20;

    private final InterruptLine sci;
    private final PmTimer timer;
    private final PowerListener listener;
    private final Clock.Timer alarm;
    private int pm1Status;
    private int pm1Enable;
    private int pm1Control = SCI_EN;
    private long gpeStatus;
    private long gpeEnable;
    private int smiEnable;
    private long toggles;

    public AcpiPm(Clock clock, InterruptLine sci, PmTimer timer, PowerListener listener) {
        this.sci = sci;
        this.timer = timer;
        this.listener = listener;
        this.alarm = clock.timer(this::due);
        this.toggles = timer.toggles();
    }

    /** The button on the case; the guest hears of it by its SCI. */
    public synchronized void pressPowerButton() {
        pm1Status |= PWRBTN;
        drive();
    }

    /** A general-purpose event, 0 to 63. */
    public synchronized void signal(int event) {
        gpeStatus |= 1L << event;
        drive();
    }

    /** As after power-up. */
    public synchronized void reset() {
        restore(new State(0, 0, SCI_EN, 0, 0, 0, timer.toggles()));
    }

    @Override
    public int read(int offset, int size) {
        return offset >= TIMER && offset + size <= TIMER + 4 ? timer.read(offset - TIMER, size) : ByteRegisters.super.read(offset, size);
    }

    @Override
    public synchronized int read(int offset) {
        catchUp();
        long value =
                switch (offset & ~7) {
                    case PM1_EVENT -> (long) pm1Control << 32 | (long) pm1Enable << 16 | pm1Status;
                    case TIMER -> (offset & 4) == 0 ? timer.value() : 0;
                    case GPE0 -> gpeStatus;
                    case GPE0_ENABLE -> gpeEnable;
                    case SMI_ENABLE -> smiEnable & 0xFFFF_FFFFL;
                    default -> 0;
                };
        return (int) (value >>> 8 * (offset & 7)) & 0xFF;
    }

    @Override
    public synchronized void write(int offset, int value) {
        catchUp();
        int shift = 8 * (offset & 7);
        long bits = (long) value << shift;
        long kept = ~(0xFFL << shift);
        switch (offset & ~7) {
            case PM1_EVENT -> writePm1(offset, value);
            case GPE0 -> gpeStatus &= ~bits;
            case GPE0_ENABLE -> gpeEnable = gpeEnable & kept | bits;
            case SMI_ENABLE -> smiEnable = (int) (smiEnable & kept | bits);
            default -> {}
        }
        drive();
    }

    private void writePm1(int offset, int value) {
        switch (offset) {
            case 0, 1 -> pm1Status &= ~(value << 8 * offset);
            case 2 -> pm1Enable = (pm1Enable & 0xFF00 | value) & ENABLE;
            case 3 -> pm1Enable = (pm1Enable & 0xFF | value << 8) & ENABLE;
            case 4 -> pm1Control = (pm1Control & 0xFF00 | value) & CONTROL;
            case 5 -> {
                pm1Control = (pm1Control & 0xFF | value << 8) & CONTROL;
                if ((value & SLP_EN) != 0) {
                    sleep(value >> 2 & 7);
                }
            }
            default -> {}
        }
    }

    /** SLP_TYP as the ICH9 has it. */
    private void sleep(int type) {
        switch (type) {
            case 1 -> listener.sleep(1);
            case 5 -> listener.sleep(3);
            case 6 -> listener.sleep(4);
            case SOFT_OFF -> listener.sleep(5);
            default -> {} // 0 is the working state, the others are reserved
        }
    }

    /** The machine goes on after a sleep. */
    public synchronized void wake() {
        pm1Status |= WAK;
        drive();
    }

    private void catchUp() {
        long now = timer.toggles();
        if (now != toggles) {
            toggles = now;
            pm1Status |= TMROF;
        }
    }

    private void drive() {
        boolean event = (pm1Status & pm1Enable) != 0 || (gpeStatus & gpeEnable) != 0;
        if (event && (pm1Control & SCI_EN) != 0) {
            sci.raise();
        } else {
            sci.lower();
        }
        if ((pm1Enable & ~pm1Status & TMROF) != 0) {
            alarm.at(timer.nanosAtToggle(toggles + 1));
        } else {
            alarm.cancel();
        }
    }

    private synchronized void due() {
        catchUp();
        drive();
    }

    public synchronized State state() {
        catchUp();
        return new State(pm1Status & STATUS, pm1Enable, pm1Control, gpeStatus, gpeEnable, smiEnable, toggles);
    }

    public synchronized void restore(State state) {
        pm1Status = state.pm1Status;
        pm1Enable = state.pm1Enable;
        pm1Control = state.pm1Control;
        gpeStatus = state.gpeStatus;
        gpeEnable = state.gpeEnable;
        smiEnable = state.smiEnable;
        toggles = state.toggles;
        drive();
    }
}
