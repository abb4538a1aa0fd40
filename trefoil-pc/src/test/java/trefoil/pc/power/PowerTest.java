package trefoil.pc.power;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import trefoil.machine.Bus;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.pc.DeviceFuzz;
import trefoil.pc.ps2.I8042;
import trefoil.pc.timer.PmTimer;

class PowerTest {
    private static final class Listener implements PowerListener {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void reset(Reset kind) {
            heard.add(kind.name());
        }

        @Override
        public void sleep(int state) {
            heard.add("S" + state);
        }

        @Override
        public void a20(boolean open) {
            heard.add(open ? "open" : "closed");
        }
    }

    private final ManualClock clock = new ManualClock();
    private final ProbeLine sci = new ProbeLine();
    private final Listener listener = new Listener();
    private final PmTimer timer = new PmTimer(clock, PmTimer.Width.BITS_24);
    private final AcpiPm pm = new AcpiPm(clock, sci, timer, listener);
    private final Bus bus = new Bus();

    PowerTest() {
        bus.attach(pm, 0x600, AcpiPm.PORTS);
    }

    @Test
    void powerButtonInterruptsUntilAnswered() {
        bus.out(0x602, 2, 0x100);
        pm.pressPowerButton();
        assertThat(sci.isHigh()).isTrue();
        assertThat(bus.in(0x600, 2)).isEqualTo(0x100);
        bus.out(0x600, 2, 0x100);
        assertThat(sci.isHigh()).isFalse();
        bus.out(0x602, 2, 0);
        pm.pressPowerButton();
        assertThat(sci.isHigh()).isFalse();
        bus.out(0x602, 2, 0xFFFF);
        assertThat(bus.in(0x602, 2)).isEqualTo(0x521);
        assertThat(sci.isHigh()).isTrue();
        bus.out(0x604, 2, 0);
        assertThat(sci.isHigh()).as("SCI_EN").isFalse();
    }

    @Test
    void softOff() {
        assertThat(bus.in(0x604, 2)).isEqualTo(1);
        bus.out(0x604, 2, 7 << 10 | 1);
        assertThat(listener.heard).isEmpty();
        bus.out(0x604, 2, 7 << 10 | 1 << 13 | 1);
        assertThat(listener.heard).containsExactly("S5");
        assertThat(bus.in(0x604, 2)).as("SLP_EN is write-only").isEqualTo(7 << 10 | 1);
    }

    @Test
    void timerAndItsCarry() {
        clock.advance(1_000_000);
        assertThat(bus.in(0x608, 4)).isEqualTo(3_579);
        bus.out(0x602, 2, 1);
        clock.advance(timer.nanosAtToggle(1) - clock.nanos() - 1);
        assertThat(sci.isHigh()).isFalse();
        clock.advance(1);
        assertThat(sci.isHigh()).isTrue();
        bus.out(0x600, 2, 1);
        assertThat(sci.isHigh()).isFalse();
        clock.advance(timer.nanosAtToggle(2) - clock.nanos());
        assertThat(bus.in(0x600, 1)).isEqualTo(1);
    }

    @Test
    void generalPurposeEvents() {
        pm.signal(33);
        assertThat(bus.in(0x624, 4)).isEqualTo(2);
        bus.out(0x62C, 1, 2);
        assertThat(sci.isHigh()).isTrue();
        bus.out(0x624, 1, 2);
        assertThat(sci.isHigh()).isFalse();
    }

    @Test
    void resets() {
        ResetControl control = new ResetControl(listener);
        control.write(0, 0x02);
        control.write(0, 0x06);
        control.write(0, 0x06);
        control.write(0, 0x0A);
        control.write(0, 0x0E);
        control.write(0, 0);
        control.write(0, 4);
        assertThat(listener.heard).containsExactly("BOARD", "POWER_CYCLE", "PROCESSORS");
        assertThat(control.read(0)).isEqualTo(4);
    }

    @Test
    void keyboardControllerResetsAndGatesA20() {
        A20Gate gate = new A20Gate(listener);
        I8042 keyboard = new I8042(gate, listener);
        keyboard.attach(bus);
        bus.attach(new Port92(gate, listener), 0x92, 1);
        bus.out(0x64, 1, 0xFE);
        bus.out(0x92, 1, 0x03);
        assertThat(listener.heard).containsExactly("PROCESSORS", "PROCESSORS");
        bus.out(0x92, 1, 0x00);
        bus.out(0x64, 1, 0xD1);
        bus.out(0x60, 1, 0x03);
        assertThat(listener.heard).endsWith("closed", "open");
        bus.out(0x64, 1, 0xAA);
        assertThat(bus.in(0x64, 1) & 1).isEqualTo(1);
        assertThat(bus.in(0x60, 1)).isEqualTo(0x55);
        assertThat(bus.in(0x64, 1) & 1).isZero();
        bus.out(0x64, 1, 0x60);
        bus.out(0x60, 1, 0x47);
        bus.out(0x64, 1, 0x20);
        assertThat(bus.in(0x60, 1)).isEqualTo(0x47);
        bus.out(0x60, 1, 0xF2);
        assertThat(bus.in(0x64, 1) & 0x41).as("no keyboard").isEqualTo(0x41);
        assertThat(bus.in(0x60, 1)).isEqualTo(0xFE);
    }

    @Test
    void survivesWildPrograms() throws Exception {
        new DeviceFuzz<>(AcpiPm.State.class, time -> {
                    ProbeLine line = new ProbeLine();
                    AcpiPm chip = new AcpiPm(time, line, new PmTimer(time, PmTimer.Width.BITS_24), new Listener());
                    return DeviceFuzz.Subject.of(chip::state, chip::restore).ports(chip, AcpiPm.PORTS).ports(chip, 16).watch(line).deed(random -> {
                        chip.signal(random.nextInt(64));
                        return 0;
                    });
                })
                .run(40, 2_000);
        new DeviceFuzz<>(I8042.State.class, time -> {
                    Listener heard = new Listener();
                    I8042 chip = new I8042(new A20Gate(heard), heard);
                    return DeviceFuzz.Subject.of(chip::state, chip::restore).ports(chip.data(), 1).ports(chip.command(), 1);
                })
                .run(20, 2_000);
    }
}
