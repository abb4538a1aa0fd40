package trefoil.pc.timer;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import trefoil.machine.Bus;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.pc.ByteRegisters;
import trefoil.pc.Frequency;

/**
 * The real-time clock MC146818 (Motorola ADI-1024) as it is in the ICH9 (316972-004, 5.11 and 13.6): ports 0x70 and 0x71, and a second bank of 128 bytes at 0x72 and 0x73. Thread-safe.
 *
 * <p>The time is the host's, in UTC, plus what the guest has set. Index 0x32 is the century, in the same form as the year, as the FADT says.
 *
 * <p>Deviations: no daylight saving, no square wave, no date alarm in register D. While the divider is held in reset, or stopped, the time stands still and goes on where it stood, within the same fraction of a second. An update takes no time: UIP
 * is set for the 2,228 microseconds before it. A time that does not exist (day 31 of a short month, digits above 9) becomes the one that lies as far ahead. Bit 7 of the index port, which masks NMI, is dropped.
 */
public final class Rtc146818 implements ByteRegisters {
    /**
     * {@code offset}: seconds that the guest's time is ahead of the host's; {@code stopped}: the time stands still, and its registers are in {@code ram}; {@code seen}: the second up to which
     * flags were set; {@code periods}: the periodic ticks up to which.
     */
    public record State(byte[] ram, byte[] upper, int index, int upperIndex, long offset, boolean stopped, int weekday, long seen, long periods) {}

    public static final int PORT = 0x70;

    private static final int SECONDS = 0x00;
    private static final int SECONDS_ALARM = 0x01;
    private static final int MINUTES = 0x02;
    private static final int MINUTES_ALARM = 0x03;
    private static final int HOURS = 0x04;
    private static final int HOURS_ALARM = 0x05;
    private static final int WEEKDAY = 0x06;
    private static final int DAY = 0x07;
    private static final int MONTH = 0x08;
    private static final int YEAR = 0x09;
    private static final int A = 0x0A;
    private static final int B = 0x0B;
    private static final int C = 0x0C;
    private static final int D = 0x0D;
    /** Index of the century. */
    public static final int CENTURY = 0x32;

    private static final int A_UIP = 0x80;
    private static final int A_DIVIDER = 0x70;
    private static final int A_RUNNING = 0x20;
    private static final int B_SET = 0x80;
    private static final int B_UIE = 0x10;
    private static final int B_DM = 0x04;
    private static final int B_24 = 0x02;
    private static final int C_IRQF = 0x80;
    private static final int C_PF = 0x40;
    private static final int C_AF = 0x20;
    private static final int C_UF = 0x10;
    private static final int FLAGS = C_PF | C_AF | C_UF;
    private static final int D_VRT = 0x80;

    private static final Set<Integer> TIME = Set.of(SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR, CENTURY);

    private static final long SECOND = 1_000_000_000;
    private static final long UPDATE = 2_228_000;
    private static final int DAY_SECONDS = 86_400;
    private static final long LATEST = 253_402_300_799L; // the last second of year 9999
    private static final long EARLIEST = -62_135_596_800L;

    private final Clock clock;
    private final InterruptLine irq8;
    private final Clock.Timer alarm;
    private final byte[] ram = new byte[128];
    private final byte[] upper = new byte[128];
    private int index;
    private int upperIndex;
    private long offset;
    private boolean stopped;
    private int weekday;
    private long seen;
    private long periods;

    public Rtc146818(Clock clock, InterruptLine irq8) {
        this.clock = clock;
        this.irq8 = irq8;
        this.alarm = clock.timer(this::due);
        ram[A] = 0x26;
        ram[B] = B_24;
        seen = now();
    }

    public void attach(Bus bus) {
        bus.attach(this, PORT, 4);
    }

    /** Puts a byte into the battery-backed memory, as firmware would find it. */
    public synchronized void store(int address, int value) {
        if (address <= D || address == CENTURY) {
            throw new IllegalArgumentException("register " + address);
        }
        ram[address] = (byte) value;
    }

    @Override
    public synchronized int read(int port) {
        return switch (port) {
            case 0 -> index;
            case 1 -> readRegister(index);
            case 2 -> upperIndex;
            default -> upper[upperIndex] & 0xFF;
        };
    }

    @Override
    public synchronized void write(int port, int value) {
        switch (port) {
            case 0 -> index = value & 0x7F;
            case 1 -> writeRegister(index, value);
            case 2 -> upperIndex = value & 0x7F;
            default -> upper[upperIndex] = (byte) value;
        }
    }

    // ---- time ----

    /** The guest's time in seconds since 1970, as if it were UTC, while it runs. */
    private long now() {
        return Math.clamp(Math.floorDiv(clock.epochNanos(), SECOND) + offset, EARLIEST, LATEST);
    }

    private LocalDateTime dateTime() {
        return LocalDateTime.ofEpochSecond(now(), 0, ZoneOffset.UTC);
    }

    private void setTime(LocalDateTime time) {
        long seconds = Math.clamp(time.toEpochSecond(ZoneOffset.UTC), EARLIEST, LATEST);
        offset = seconds - Math.floorDiv(clock.epochNanos(), SECOND);
        seen = seconds;
    }

    /** Stops or goes on, as SET and the divider say. Whoever stops it may write one register after the other, in any order. */
    private void runOrStop() {
        boolean stops = (ram[B] & B_SET) != 0 || (ram[A] & A_DIVIDER) != A_RUNNING;
        if (stops && !stopped) {
            for (int register : TIME) {
                ram[register] = (byte) timeField(register);
            }
        } else if (stopped && !stops) {
            setTime(composed());
            weekday = Math.floorMod(decoded(ram[WEEKDAY] & 0xFF) - 1 - dateTime().getDayOfWeek().getValue(), 7);
        }
        stopped = stops;
    }

    /** The time that the registers hold. */
    private LocalDateTime composed() {
        return LocalDateTime.of(Math.max(1, decoded(ram[CENTURY] & 0xFF) * 100 + decoded(ram[YEAR] & 0xFF)), 1, 1, 0, 0)
                .plusMonths(decoded(ram[MONTH] & 0xFF) - 1L)
                .plusDays(decoded(ram[DAY] & 0xFF) - 1L)
                .plusHours(decodedHour(ram[HOURS] & 0xFF))
                .plusMinutes(decoded(ram[MINUTES] & 0xFF))
                .plusSeconds(decoded(ram[SECONDS] & 0xFF));
    }

    private static boolean isTime(int register) {
        return TIME.contains(register);
    }

    private int timeField(int register) {
        if (stopped) {
            return ram[register] & 0xFF;
        }
        LocalDateTime time = dateTime();
        return switch (register) {
            case SECONDS -> encoded(time.getSecond());
            case MINUTES -> encoded(time.getMinute());
            case HOURS -> encodedHour(time.getHour());
            case WEEKDAY -> encoded((time.getDayOfWeek().getValue() + weekday) % 7 + 1);
            case DAY -> encoded(time.getDayOfMonth());
            case MONTH -> encoded(time.getMonthValue());
            case YEAR -> encoded(time.getYear() % 100);
            default -> encoded(time.getYear() / 100);
        };
    }

    private void setTimeField(int register, int value) {
        if (stopped) {
            ram[register] = (byte) value;
            return;
        }
        LocalDateTime time = dateTime();
        int number = decoded(value);
        switch (register) {
            case SECONDS -> setTime(time.withSecond(0).plusSeconds(number));
            case MINUTES -> setTime(time.withMinute(0).plusMinutes(number));
            case HOURS -> setTime(time.withHour(0).plusHours(decodedHour(value)));
            case WEEKDAY -> weekday = Math.floorMod(number - 1 - time.getDayOfWeek().getValue(), 7);
            case DAY -> setTime(time.withDayOfMonth(1).plusDays(number - 1L));
            case MONTH -> setTime(inMonth(time, number));
            case YEAR -> setTime(inYear(time, time.getYear() / 100 * 100 + number));
            default -> setTime(inYear(time, number * 100 + time.getYear() % 100));
        }
    }

    /** The same day of another month; one that it does not have runs into the next. */
    private static LocalDateTime inMonth(LocalDateTime time, int month) {
        return time.withDayOfMonth(1).withMonth(1).plusMonths(month - 1L).plusDays(time.getDayOfMonth() - 1L);
    }

    private static LocalDateTime inYear(LocalDateTime time, int year) {
        return time.withDayOfMonth(1).withYear(Math.max(1, year)).plusDays(time.getDayOfMonth() - 1L);
    }

    // ---- forms ----

    private int encoded(int number) {
        return (ram[B] & B_DM) != 0 ? number : number / 10 << 4 | number % 10;
    }

    private int decoded(int value) {
        return (ram[B] & B_DM) != 0 ? value : (value >> 4) * 10 + (value & 15);
    }

    private int encodedHour(int hour) {
        if ((ram[B] & B_24) != 0) {
            return encoded(hour);
        }
        return encoded((hour + 11) % 12 + 1) | (hour >= 12 ? 0x80 : 0);
    }

    private int decodedHour(int value) {
        if ((ram[B] & B_24) != 0) {
            return decoded(value);
        }
        return decoded(value & 0x7F) % 12 + (value >= 0x80 ? 12 : 0);
    }

    // ---- registers ----

    private int readRegister(int register) {
        if (isTime(register)) {
            return timeField(register);
        }
        return switch (register) {
            case A -> ram[A] & 0x7F | (isUpdating() ? A_UIP : 0);
            case C -> {
                catchUp();
                int flags = ram[C] & 0xFF;
                ram[C] = 0;
                irq8.lower();
                plan();
                yield flags;
            }
            case D -> D_VRT;
            default -> ram[register] & 0xFF;
        };
    }

    private void writeRegister(int register, int value) {
        catchUp();
        if (isTime(register)) {
            setTimeField(register, value);
        } else {
            switch (register) {
                case A -> writeA(value);
                case B -> writeB(value);
                case C, D -> {}
                default -> ram[register] = (byte) value;
            }
        }
        plan();
    }

    private void writeA(int value) {
        ram[A] = (byte) (value & 0x7F);
        runOrStop();
        periods = periodicTicks();
    }

    private void writeB(int value) {
        ram[B] = (byte) ((value & B_SET) != 0 ? value & ~B_UIE : value);
        runOrStop();
        raiseIfDue();
    }

    private long fraction() {
        return Math.floorMod(clock.epochNanos(), SECOND);
    }

    private boolean isUpdating() {
        return !stopped && SECOND - fraction() <= UPDATE;
    }

    // ---- interrupts ----

    /** Sets the flags of what has happened since the last look. */
    private void catchUp() {
        long now = now();
        if (now > seen && !stopped) {
            ram[C] |= C_UF;
            if (secondsToAlarm(seen) <= now - seen) {
                ram[C] |= C_AF;
            }
        }
        seen = now;
        long ticks = periodicTicks();
        if (ticks != periods) {
            ram[C] |= C_PF;
            periods = ticks;
        }
        raiseIfDue();
    }

    private void raiseIfDue() {
        if ((ram[C] & ram[B] & FLAGS) != 0) {
            ram[C] |= (byte) C_IRQF;
            irq8.raise();
        } else {
            ram[C] &= (byte) ~C_IRQF;
            irq8.lower();
        }
    }

    /** Rate of the periodic interrupt (MC146818, table 5, time base of 32.768 kHz); null when there is none. */
    private Frequency periodicRate() {
        int select = ram[A] & 15;
        if (select == 0 || (ram[A] & A_DIVIDER) != A_RUNNING) {
            return null;
        }
        return new Frequency(select < 3 ? 512 >> select : 0x1_0000 >> select);
    }

    private long periodicTicks() {
        Frequency rate = periodicRate();
        return rate == null ? 0 : rate.ticks(clock.nanos());
    }

    /** Seconds from a time to the next at which the alarm is met, 1 or more; beyond any time if never. */
    private long secondsToAlarm(long from) {
        int second = alarmField(SECONDS_ALARM);
        int minute = alarmField(MINUTES_ALARM);
        int hour = (ram[HOURS_ALARM] & 0xC0) == 0xC0 ? -1 : decodedHour(ram[HOURS_ALARM] & 0xFF);
        int start = (int) Math.floorMod(from, (long) DAY_SECONDS);
        for (int ahead = 1; ahead <= DAY_SECONDS; ahead++) {
            int time = (start + ahead) % DAY_SECONDS;
            if (hour >= 0 && time / 3600 != hour) {
                ahead += 3599 - time % 3600;
            } else if (minute >= 0 && time / 60 % 60 != minute) {
                ahead += 59 - time % 60;
            } else if (second < 0 || time % 60 == second) {
                return ahead;
            }
        }
        return Long.MAX_VALUE;
    }

    /** -1: each. */
    private int alarmField(int register) {
        int value = ram[register] & 0xFF;
        return value >= 0xC0 ? -1 : decoded(value);
    }

    /** Sets the alarm for the next interrupt that is enabled. */
    private void plan() {
        int waiting = ram[B] & ~ram[C] & FLAGS;
        long next = Long.MAX_VALUE;
        if (!stopped) {
            long seconds = (waiting & C_UF) != 0 ? 1 : (waiting & C_AF) != 0 ? secondsToAlarm(seen) : Long.MAX_VALUE;
            next = seconds == Long.MAX_VALUE ? next : clock.nanos() - fraction() + seconds * SECOND;
        }
        Frequency rate = periodicRate();
        if ((waiting & C_PF) != 0 && rate != null) {
            next = Math.min(next, rate.nanos(periods + 1));
        }
        if (next == Long.MAX_VALUE) {
            alarm.cancel();
        } else {
            alarm.at(next);
        }
    }

    private synchronized void due() {
        catchUp();
        plan();
    }

    /** RESET: no interrupts (MC146818, "RESET"); time and memory live on the battery. */
    public synchronized void reset() {
        ram[B] = (byte) (ram[B] & (B_SET | B_DM | B_24 | 1));
        ram[C] = 0;
        index = 0;
        upperIndex = 0;
        raiseIfDue();
        plan();
    }

    // ---- state ----

    public synchronized State state() {
        return new State(ram.clone(), upper.clone(), index, upperIndex, offset, stopped, weekday, seen, periods);
    }

    public synchronized void restore(State state) {
        System.arraycopy(state.ram, 0, ram, 0, ram.length);
        System.arraycopy(state.upper, 0, upper, 0, upper.length);
        index = state.index & 0x7F;
        upperIndex = state.upperIndex & 0x7F;
        offset = state.offset;
        stopped = state.stopped;
        weekday = state.weekday;
        seen = state.seen;
        periods = state.periods;
        raiseIfDue();
        plan();
    }

    /** For messages: the guest's time. */
    @Override
    public synchronized String toString() {
        return "RTC at " + Instant.ofEpochSecond(now());
    }
}
