package trefoil.pc.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import trefoil.machine.Msi;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.machine.fake.ProbeSink;
import trefoil.pc.DeviceFuzz;

class HpetTest {
    private final ManualClock clock = new ManualClock();
    private final ProbeLine irq0 = new ProbeLine();
    private final ProbeLine irq8 = new ProbeLine();
    private final TimerRoute route = new TimerRoute(irq0, irq8);
    private final List<ProbeLine> pins = List.of(new ProbeLine(), new ProbeLine(), new ProbeLine(), new ProbeLine());
    private final ProbeSink sink = new ProbeSink();
    private final Hpet hpet = new Hpet(clock, route, List.copyOf(pins), sink);

    private void set(int register, long value) {
        hpet.write(register, 8, value);
    }

    @Test
    void mainCounterCountsWhileEnabled() {
        assertThat(hpet.read(0, 8)).isEqualTo(10_000_000L << 32 | 0x8086A201L);
        clock.advance(1_000);
        assertThat(hpet.read(0xF0, 8)).isZero();
        set(0x10, 1);
        clock.advance(1_000);
        assertThat(hpet.read(0xF0, 4)).isEqualTo(100);
        set(0x10, 0);
        clock.advance(1_000);
        assertThat(hpet.read(0xF0, 8)).isEqualTo(100);
        hpet.write(0xF4, 4, 7);
        assertThat(hpet.read(0xF0, 8)).isEqualTo(7L << 32 | 100);
    }

    @Test
    void legacyReplacementPeriodic() {
        route.pit().raise();
        assertThat(irq0.isHigh()).isTrue();
        set(0x100, 0x4C); // enabled, periodic, set accumulator
        hpet.write(0x108, 4, 100_000);
        hpet.write(0x10C, 4, 0);
        hpet.write(0x108, 8, 100_000);
        set(0x10, 3);
        assertThat(irq0.isHigh()).as("the 8254 is disconnected").isFalse();
        int before = irq0.rises();
        clock.advance(999_999);
        assertThat(irq0.rises()).isEqualTo(before);
        clock.advance(1);
        assertThat(irq0.rises()).isEqualTo(before + 1);
        clock.advance(99_000_000);
        assertThat(irq0.rises()).isEqualTo(before + 100);
        set(0x10, 0);
        assertThat(irq0.isHigh()).as("and connected again").isTrue();
    }

    @Test
    void oneShotLevelUntilStatusIsCleared() {
        set(0x120, 21 << 9 | 6);
        set(0x128, 50);
        set(0x10, 1);
        clock.advance(500);
        assertThat(pins.get(1).isHigh()).isTrue();
        assertThat(hpet.read(0x20, 8)).isEqualTo(2);
        set(0x20, 2);
        assertThat(pins.get(1).isHigh()).isFalse();
        clock.advance(1_000_000_000);
        assertThat(pins.get(1).rises()).isEqualTo(1);
    }

    @Test
    void narrowTimersMeetTheCounterEachTimeRound() {
        set(0x140, 20 << 9 | 0x104);
        set(0x148, 10);
        set(0x10, 1);
        clock.advance(100);
        clock.advance(42_949_672_960L);
        assertThat(pins.get(0).rises()).isEqualTo(2);
    }

    @Test
    void messages() {
        set(0x140, 0x4004);
        set(0x150, 0xFEE0_1000_0000_0041L);
        set(0x148, 10);
        set(0x10, 1);
        clock.advance(100);
        assertThat(sink.take()).containsExactly(new Msi(0xFEE0_1000L, 0x41));
    }

    @Test
    void pmTimerCountsAndToggles() {
        PmTimer timer = new PmTimer(clock, PmTimer.Width.BITS_24);
        clock.advance(1_000_000_000);
        assertThat(timer.read(0, 4)).isEqualTo(3_579_545);
        assertThat(timer.read(1, 2)).isEqualTo(3_579_545 >> 8);
        assertThat(timer.toggles()).isZero();
        clock.advance(timer.nanosAtToggle(1) - clock.nanos());
        assertThat(timer.value()).isEqualTo(0x80_0000);
        clock.advance(timer.nanosAtToggle(2) - clock.nanos());
        assertThat(timer.value()).isZero();
        assertThat(new PmTimer(clock, PmTimer.Width.BITS_32).value()).isEqualTo(0x100_0000);
    }

    @Test
    void survivesWildPrograms() throws Exception {
        new DeviceFuzz<>(Hpet.State.class, time -> {
                    ProbeSink messages = new ProbeSink();
                    ProbeLine line = new ProbeLine();
                    Hpet chip = new Hpet(time, new TimerRoute(new ProbeLine(), new ProbeLine()), List.of(new ProbeLine(), new ProbeLine(), new ProbeLine(), line), messages);
                    return DeviceFuzz.Subject.of(chip::state, chip::restore).memory(chip, Hpet.SIZE).watch(() -> messages.take().hashCode()).deed(random -> {
                        int[] registers = {0x10, 0xF0, 0x100, 0x108, 0x120, 0x128, 0x140, 0x148, 0x150};
                        int register = registers[random.nextInt(registers.length)];
                        chip.write(register, 8, random.nextBoolean() ? random.nextInt(1 << 20) : random.nextLong());
                        return chip.read(register, 8);
                    });
                })
                .run(40, 1_500);
    }
}
