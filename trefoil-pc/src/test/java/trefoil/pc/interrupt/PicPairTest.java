package trefoil.pc.interrupt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.Bus;
import trefoil.machine.InterruptLine;
import trefoil.machine.fake.ProbeLine;
import trefoil.pc.DeviceFuzz;

class PicPairTest {
    private final ProbeLine intr = new ProbeLine();
    private final PicPair pics = new PicPair(intr);
    private final Bus bus = new Bus();

    @BeforeEach
    void attach() {
        pics.attach(bus);
    }

    private void initialize(int icw4) {
        out(0x20, 0x11, 0xA0, 0x11, 0x21, 0x20, 0xA1, 0x28, 0x21, 0x04, 0xA1, 0x02, 0x21, icw4, 0xA1, icw4);
    }

    private void out(int... portsAndValues) {
        for (int i = 0; i < portsAndValues.length; i += 2) {
            bus.out(portsAndValues[i], 1, portsAndValues[i + 1]);
        }
    }

    @Test
    void edgeIsServedOnceAndBlocksLowerLevelsUntilEoi() {
        initialize(0x01);
        InterruptLine irq3 = pics.input(3);
        irq3.raise();
        assertThat(intr.isHigh()).isTrue();
        assertThat(pics.acknowledge()).isEqualTo(0x23);
        assertThat(intr.isHigh()).isFalse();
        pics.input(5).raise();
        assertThat(intr.isHigh()).as("lower priority").isFalse();
        pics.input(1).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x21);
        out(0x20, 0x0B);
        assertThat(bus.in(0x20, 1)).isEqualTo(0b0000_1010);
        out(0x20, 0x20, 0x20, 0x20);
        assertThat(bus.in(0x20, 1)).isZero();
        assertThat(pics.acknowledge()).isEqualTo(0x25);
        out(0x20, 0x65);
        assertThat(intr.isHigh()).as("the edges are used up").isFalse();
    }

    @Test
    void slaveAnswersThroughIr2AndItsNextRequestIsSeen() {
        initialize(0x01);
        pics.input(12).raise();
        pics.input(14).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x2C);
        out(0xA0, 0x20, 0x20, 0x20);
        assertThat(pics.acknowledge()).isEqualTo(0x2E);
        out(0xA0, 0x66, 0x20, 0x62);
        pics.input(8).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x28);
    }

    @Test
    void automaticEoiOfTheSlaveKeepsRequesting() {
        initialize(0x03);
        pics.input(9).raise();
        pics.input(10).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x29);
        assertThat(intr.isHigh()).isTrue();
        assertThat(pics.acknowledge()).isEqualTo(0x2A);
        assertThat(intr.isHigh()).isFalse();
    }

    @Test
    void requestThatGoesAwayIsSpurious() {
        initialize(0x01);
        pics.input(4).raise();
        pics.input(4).lower();
        assertThat(intr.isHigh()).isFalse();
        assertThat(pics.acknowledge()).isEqualTo(0x27);
        out(0x20, 0x0B);
        assertThat(bus.in(0x20, 1)).isZero();
    }

    @Test
    void elcrMakesLevelsAndProtectsTheBoardsOwn() {
        initialize(0x01);
        out(0x4D0, 0xFF, 0x4D1, 0xFF);
        assertThat(bus.in(0x4D0, 2)).isEqualTo(0xDEF8);
        pics.input(11).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x2B);
        out(0xA0, 0x20, 0x20, 0x20);
        assertThat(pics.acknowledge()).as("still asserted").isEqualTo(0x2B);
        pics.input(11).lower();
        out(0xA0, 0x20, 0x20, 0x20);
        assertThat(intr.isHigh()).isFalse();
    }

    @Test
    void rotationPutsTheServedLevelLast() {
        initialize(0x01);
        pics.input(0).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x20);
        out(0x20, 0xA0);
        pics.input(0).lower();
        pics.input(0).raise();
        pics.input(7).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x27);
        out(0x20, 0xE7, 0x20, 0xC4);
        pics.input(5).raise();
        assertThat(pics.acknowledge()).as("level 5 first after 4 was made last").isEqualTo(0x25);
    }

    @Test
    void maskAndSpecialMask() {
        initialize(0x01);
        out(0x21, 0x08);
        pics.input(3).raise();
        assertThat(intr.isHigh()).isFalse();
        out(0x21, 0x00);
        assertThat(pics.acknowledge()).isEqualTo(0x23);
        pics.input(6).raise();
        out(0x21, 0x08, 0x20, 0x68);
        assertThat(pics.acknowledge()).as("lower levels while the served one is masked").isEqualTo(0x26);
        out(0x20, 0x20, 0x20, 0x0B);
        assertThat(bus.in(0x20, 1)).as("a masked level is not ended by a non-specific EOI").isEqualTo(0x08);
    }

    @Test
    void specialFullyNestedLetsTheSlaveInterruptItself() {
        initialize(0x11);
        pics.input(13).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x2D);
        pics.input(9).raise();
        assertThat(pics.acknowledge()).isEqualTo(0x29);
    }

    @Test
    void pollServesWithoutTheProcessor() {
        initialize(0x01);
        out(0x20, 0x0C);
        assertThat(bus.in(0x20, 1)).isZero();
        pics.input(6).raise();
        out(0x20, 0x0C);
        assertThat(bus.in(0x20, 1)).isEqualTo(0x86);
        assertThat(intr.isHigh()).isFalse();
        out(0x20, 0x0B);
        assertThat(bus.in(0x20, 1)).isEqualTo(0x40);
    }

    @Test
    void survivesWildPrograms() throws Exception {
        new DeviceFuzz<>(PicPair.State.class, clock -> {
                    ProbeLine line = new ProbeLine();
                    PicPair pair = new PicPair(line);
                    Bus own = new Bus();
                    pair.attach(own);
                    var subject = DeviceFuzz.Subject.of(pair::state, pair::restore).watch(line).watch(pair::acknowledge);
                    subject.ports(at(own, 0x20), 2).ports(at(own, 0xA0), 2).ports(at(own, 0x4D0), 2);
                    for (int irq = 0; irq < 16; irq++) {
                        subject.line(pair.input(irq));
                    }
                    return subject;
                })
                .run(40, 2_000);
    }

    private static trefoil.machine.PortIo at(Bus bus, int port) {
        return new trefoil.machine.PortIo() {
            @Override
            public int read(int offset, int size) {
                return bus.in(port + offset, size);
            }

            @Override
            public void write(int offset, int size, int value) {
                bus.out(port + offset, size, value);
            }
        };
    }
}
