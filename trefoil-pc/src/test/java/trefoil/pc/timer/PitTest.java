package trefoil.pc.timer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import trefoil.machine.Bus;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.pc.DeviceFuzz;

class PitTest {
    private final ManualClock clock = new ManualClock();
    private final ProbeLine irq = new ProbeLine();
    private final Pit8254 pit = new Pit8254(clock, irq);
    private final Bus bus = new Bus();

    PitTest() {
        pit.attach(bus);
    }

    private void program(int counter, int control, int count) {
        bus.out(0x43, 1, counter << 6 | control);
        bus.out(0x40 + counter, 1, count & 0xFF);
        bus.out(0x40 + counter, 1, count >> 8);
    }

    private int count(int counter) {
        bus.out(0x43, 1, counter << 6);
        return bus.in(0x40 + counter, 1) | bus.in(0x40 + counter, 1) << 8;
    }

    private void ticks(long ticks) {
        long now = Pit8254.RATE.ticks(clock.nanos());
        clock.advance(Pit8254.RATE.nanos(now + ticks) - clock.nanos());
    }

    private boolean out2() {
        return (bus.in(0x61, 1) & 0x20) != 0;
    }

    @Test
    void rateGeneratorInterruptsEachPeriod() {
        program(0, 0x34, 11_932);
        int before = irq.rises();
        ticks(11_931);
        assertThat(irq.rises()).isEqualTo(before);
        assertThat(count(0)).isEqualTo(1);
        ticks(1);
        assertThat(irq.rises()).isEqualTo(before + 1);
        assertThat(count(0)).isEqualTo(11_932);
        clock.advance(1_000_000_000L);
        assertThat(irq.rises()).isEqualTo(before + 1 + 99);
    }

    @Test
    void newCountOfARateGeneratorWaitsForThePeriodsEnd() {
        program(0, 0x34, 1_000);
        ticks(400);
        bus.out(0x40, 1, 0xF4);
        bus.out(0x40, 1, 0x01);
        assertThat(count(0)).isEqualTo(600);
        ticks(600);
        assertThat(count(0)).isEqualTo(500);
        int rises = irq.rises();
        ticks(500);
        assertThat(irq.rises()).isEqualTo(rises + 1);
    }

    @Test
    void interruptOnTerminalCountOnce() {
        program(0, 0x30, 5_000);
        assertThat(irq.isHigh()).isFalse();
        ticks(4_999);
        assertThat(irq.isHigh()).isFalse();
        ticks(1);
        assertThat(irq.isHigh()).isTrue();
        ticks(10);
        assertThat(count(0)).as("goes on below 0").isEqualTo(0xFFF6);
        int rises = irq.rises();
        ticks(100_000);
        assertThat(irq.rises()).isEqualTo(rises);
    }

    @Test
    void squareWaveCountsByTwoTwice() {
        bus.out(0x61, 1, 1);
        program(2, 0x36, 10);
        StringBuilder wave = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            wave.append(out2() ? '1' : '0').append(count(2)).append(' ');
            ticks(1);
        }
        String period = "110 18 16 14 12 010 08 06 04 02 ";
        assertThat(wave.toString()).isEqualTo(period + period);
        program(2, 0x36, 5);
        wave.setLength(0);
        for (int i = 0; i < 10; i++) {
            wave.append(out2() ? '1' : '0');
            ticks(1);
        }
        assertThat(wave.toString()).isEqualTo("1110011100");
    }

    @Test
    void calibrationOfATscByCounter2() {
        bus.out(0x61, 1, 0);
        program(2, 0x30, 59_659); // 50 ms
        assertThat(out2()).isFalse();
        clock.advance(1_000_000_000);
        assertThat(out2()).as("gate is low").isFalse();
        assertThat(count(2)).isEqualTo(59_659);
        bus.out(0x61, 1, 1);
        clock.advance(49_990_000);
        assertThat(out2()).isFalse();
        clock.advance(20_000);
        assertThat(out2()).isTrue();
    }

    @Test
    void oneShotIsTriggeredByItsGate() {
        program(2, 0x32, 100);
        assertThat(out2()).isTrue();
        ticks(500);
        bus.out(0x61, 1, 1);
        assertThat(out2()).isFalse();
        ticks(60);
        bus.out(0x61, 1, 0);
        bus.out(0x61, 1, 1);
        ticks(99);
        assertThat(out2()).as("triggered anew").isFalse();
        ticks(1);
        assertThat(out2()).isTrue();
    }

    @Test
    void strobeIsLowForOneTick() {
        bus.out(0x61, 1, 1);
        program(2, 0x38, 3);
        StringBuilder wave = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            wave.append(out2() ? '1' : '0');
            ticks(1);
        }
        assertThat(wave.toString()).isEqualTo("11101111");
    }

    @Test
    void readBackLatchesStatusBeforeCount() {
        program(0, 0x35, 0x1000); // BCD
        ticks(1);
        bus.out(0x43, 1, 0xC2);
        ticks(100);
        assertThat(bus.in(0x40, 1)).isEqualTo(0x80 | 0x35);
        assertThat(bus.in(0x40, 1) | bus.in(0x40, 1) << 8).isEqualTo(0x0999);
        bus.out(0x43, 1, 0x70 + 0x00);
        bus.out(0x43, 1, 0xE4);
        assertThat(bus.in(0x41, 1)).as("null count").isEqualTo(0x70);
    }

    @Test
    void survivesWildPrograms() throws Exception {
        new DeviceFuzz<>(Pit8254.State.class, time -> {
                    ProbeLine line = new ProbeLine();
                    Pit8254 chip = new Pit8254(time, line);
                    return DeviceFuzz.Subject.of(chip::state, chip::restore).ports(chip.ports(), 4).ports(chip.ports(), 4).ports(chip.nmiStatusAndControl(), 1).watch(line);
                })
                .run(60, 1_500);
    }
}
