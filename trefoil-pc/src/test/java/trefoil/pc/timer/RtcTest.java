package trefoil.pc.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.pc.DeviceFuzz;

class RtcTest {
    private static final long SECOND = 1_000_000_000;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-02-28T23:59:58Z").getEpochSecond() * SECOND);
    private final ProbeLine irq = new ProbeLine();
    private final Rtc146818 rtc = new Rtc146818(clock, irq);

    private int get(int register) {
        rtc.write(0, register);
        return rtc.read(1);
    }

    private void set(int register, int value) {
        rtc.write(0, register);
        rtc.write(1, value);
    }

    private String time() {
        return "%02x%02x-%02x-%02x %02x:%02x:%02x %x".formatted(get(0x32), get(9), get(8), get(7), get(4), get(2), get(0), get(6));
    }

    @Test
    void tellsTheTimeInDecimalAndBinary() {
        assertThat(time()).isEqualTo("2026-02-28 23:59:58 7");
        clock.advance(2 * SECOND);
        assertThat(time()).isEqualTo("2026-03-01 00:00:00 1");
        set(0x0B, 0x04 | 0x02);
        assertThat(get(9)).isEqualTo(26);
        set(0x0B, 0x00);
        assertThat(get(4)).as("midnight by twelve hours").isEqualTo(0x12);
        clock.advance(13 * 3600 * SECOND);
        assertThat(get(4)).isEqualTo(0x81);
    }

    @Test
    void timeIsSetWhileItStands() {
        set(0x0B, 0x82);
        int[] registers = {0x00, 0x02, 0x04, 0x07, 0x08, 0x09, 0x32, 0x06};
        int[] values = {0x30, 0x45, 0x12, 0x31, 0x12, 0x99, 0x19, 0x06};
        for (int i = 0; i < registers.length; i++) {
            set(registers[i], values[i]);
        }
        clock.advance(10 * SECOND);
        assertThat(time()).isEqualTo("1999-12-31 12:45:30 6");
        set(0x0B, 0x02);
        clock.advance(12 * 3600 * SECOND);
        assertThat(time()).isEqualTo("2000-01-01 00:45:30 7");
        clock.setEpochNanos(clock.epochNanos() + 60 * SECOND);
        assertThat(get(2)).as("follows the host's clock").isEqualTo(0x46);
    }

    @Test
    void updateInterruptComesEachSecondAndIsClearedByReadingC() {
        set(0x0B, 0x12);
        clock.advance(SECOND / 2);
        assertThat(irq.isHigh()).isFalse();
        assertThat(get(0x0A) & 0x80).isZero();
        clock.advance(SECOND / 2 - 1_000_000);
        assertThat(get(0x0A) & 0x80).as("update in progress").isEqualTo(0x80);
        clock.advance(1_000_000);
        assertThat(irq.isHigh()).isTrue();
        assertThat(get(0x0C) & ~0x40).isEqualTo(0x90);
        assertThat(irq.isHigh()).isFalse();
        assertThat(get(0x0C)).isZero();
        clock.advance(5 * SECOND);
        assertThat(irq.rises()).as("one until it is read").isEqualTo(2);
    }

    @Test
    void alarmWithAndWithoutDontCare() {
        set(0x01, 0x05);
        set(0x03, 0xC0);
        set(0x05, 0xFF);
        set(0x0B, 0x22);
        clock.advance(6 * SECOND);
        assertThat(irq.isHigh()).as("second 4").isFalse();
        clock.advance(SECOND);
        assertThat(irq.isHigh()).isTrue();
        assertThat(get(0x0C) & ~0x40).isEqualTo(0xB0);
        set(0x03, 0x30);
        set(0x05, 0x06);
        clock.advance((6 * 3600 + 30 * 60) * SECOND - SECOND);
        assertThat(irq.isHigh()).isFalse();
        clock.advance(SECOND);
        assertThat(irq.isHigh()).isTrue();
        assertThat(time()).isEqualTo("2026-03-01 06:30:05 1");
    }

    @Test
    void periodicInterruptAtItsRate() {
        set(0x0A, 0x26);
        set(0x0B, 0x42);
        int interrupts = 0;
        for (int i = 0; i < 10_000; i++) {
            clock.advance(100_000);
            if (irq.isHigh()) {
                interrupts++;
                assertThat(get(0x0C) & 0xC0).isEqualTo(0xC0);
            }
        }
        assertThat(interrupts).isEqualTo(1024);
    }

    @Test
    void memoryKeepsItsBytes() {
        rtc.store(0x34, 0x5A);
        assertThat(get(0x34)).isEqualTo(0x5A);
        set(0x7F, 0xA5);
        rtc.write(2, 0x7F);
        rtc.write(3, 0x11);
        assertThat(get(0x7F)).isEqualTo(0xA5);
        assertThat(rtc.read(3)).isEqualTo(0x11);
        assertThat(get(0x0D)).isEqualTo(0x80);
    }

    @Test
    void survivesWildPrograms() throws Exception {
        new DeviceFuzz<>(Rtc146818.State.class, time -> {
                    ProbeLine line = new ProbeLine();
                    Rtc146818 chip = new Rtc146818(time, line);
                    return DeviceFuzz.Subject.of(chip::state, chip::restore).ports(chip, 4).watch(line).deed(random -> {
                        chip.write(0, random.nextInt(16));
                        chip.write(1, random.nextInt(256));
                        chip.write(0, random.nextInt(16));
                        return chip.read(1);
                    });
                })
                .run(60, 1_500);
    }
}
