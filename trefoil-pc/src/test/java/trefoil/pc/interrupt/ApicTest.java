package trefoil.pc.interrupt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.Clock;
import trefoil.machine.InterruptLine;
import trefoil.machine.Msi;
import trefoil.machine.fake.ManualClock;
import trefoil.pc.DeviceFuzz;
import trefoil.pc.Frequency;

class ApicTest {
    private static final int ID = 0x20, TPR = 0x80, PPR = 0xA0, EOI = 0xB0, LDR = 0xD0, DFR = 0xE0, SVR = 0xF0, ISR = 0x100, TMR = 0x180, IRR = 0x200, ESR = 0x280;
    private static final int ICR_LOW = 0x300, ICR_HIGH = 0x310, LVT_TIMER = 0x320, LVT_LINT0 = 0x350, LVT_LINT1 = 0x360, LVT_ERROR = 0x370, INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3E0;

    /** Keeps what the local APIC said. */
    private static final class Processor implements ProcessorSignals {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void interrupt() {
            heard.add("interrupt");
        }

        @Override
        public void nmi() {
            heard.add("nmi");
        }

        @Override
        public void smi() {
            heard.add("smi");
        }

        @Override
        public void init() {
            heard.add("init");
        }

        @Override
        public void startup(int vector) {
            heard.add("startup " + vector);
        }

        List<String> take() {
            List<String> taken = List.copyOf(heard);
            heard.clear();
            return taken;
        }
    }

    /** 2 GHz, and an offset that can be set. */
    private static final class Tsc implements TimeStampCounter {
        private final Clock clock;
        private long offset;

        Tsc(Clock clock) {
            this.clock = clock;
        }

        @Override
        public long now() {
            return clock.nanos() * 2 + offset;
        }

        @Override
        public long nanosAt(long value) {
            return Long.compareUnsigned(value - offset, Long.MAX_VALUE) < 0 ? (value - offset + 1) / 2 : Long.MAX_VALUE;
        }
    }

    private final ManualClock clock = new ManualClock();
    private final Tsc tsc = new Tsc(clock);
    private final ApicBus bus = new ApicBus();
    private final List<Processor> processors = new ArrayList<>();
    private final List<LocalApic> apics = new ArrayList<>();
    private int externalVector = 0x38;

    @BeforeEach
    void fourProcessors() {
        for (int id = 0; id < 4; id++) {
            Processor processor = new Processor();
            processors.add(processor);
            apics.add(new LocalApic(id, bus, processor, () -> externalVector, clock, new Frequency(1_000_000_000), tsc));
            write(id, SVR, 0x1FF);
        }
    }

    private void write(int cpu, int register, long value) {
        apics.get(cpu).write(register, 4, value & 0xFFFF_FFFFL);
    }

    private int read(int cpu, int register) {
        return (int) apics.get(cpu).read(register, 4);
    }

    private void x2(int cpu) throws MsrFault {
        apics.get(cpu).writeMsr(LocalApic.IA32_APIC_BASE, apics.get(cpu).readMsr(LocalApic.IA32_APIC_BASE) | 0x400);
    }

    private void send(int destination, int low) {
        write(0, ICR_HIGH, destination << 24);
        write(0, ICR_LOW, low);
    }

    private int taken(int cpu) {
        return apics.get(cpu).isInterruptPending() ? apics.get(cpu).acknowledge() : -1;
    }

    @Test
    void identityAfterReset() throws Exception {
        assertThat(read(3, ID)).isEqualTo(3 << 24);
        assertThat(read(0, 0x30)).isEqualTo(0x50014);
        assertThat(read(0, LVT_TIMER)).isEqualTo(0x10000);
        assertThat(apics.get(0).readMsr(0x1B)).isEqualTo(0xFEE00900L);
        assertThat(apics.get(1).readMsr(0x1B)).isEqualTo(0xFEE00800L);
        assertThat(apics.get(1).address()).isEqualTo(0xFEE00000L);
    }

    @Test
    void fixedMessagesByIdGoThroughIrrAndIsr() {
        send(2, 0x4041);
        assertThat(processors.get(2).take()).containsExactly("interrupt");
        assertThat(read(2, IRR + 0x20)).isEqualTo(2);
        assertThat(taken(1)).isEqualTo(-1);
        assertThat(taken(2)).isEqualTo(0x41);
        assertThat(read(2, IRR + 0x20)).isZero();
        assertThat(read(2, ISR + 0x20)).isEqualTo(2);
        assertThat(read(2, PPR)).isEqualTo(0x40);
        send(2, 0x404F);
        assertThat(taken(2)).as("same priority class").isEqualTo(-1);
        send(2, 0x4050);
        assertThat(taken(2)).isEqualTo(0x50);
        write(2, EOI, 0);
        assertThat(read(2, ISR + 0x20)).isEqualTo(2);
        write(2, EOI, 0);
        assertThat(taken(2)).isEqualTo(0x4F);
        write(2, EOI, 0);
        write(2, EOI, 0);
        assertThat(read(2, PPR)).isZero();
    }

    @Test
    void taskPriorityHoldsBack() {
        write(1, TPR, 0x60);
        send(1, 0x4065);
        assertThat(processors.get(1).take()).isEmpty();
        assertThat(taken(1)).isEqualTo(-1);
        apics.get(1).tpr(0x50);
        assertThat(processors.get(1).take()).containsExactly("interrupt");
        assertThat(taken(1)).isEqualTo(0x65);
    }

    @Test
    void shorthandsAndStartup() {
        write(1, ICR_LOW, 0xC4500);
        assertThat(processors.get(0).take()).containsExactly("init");
        assertThat(processors.get(1).take()).isEmpty();
        assertThat(processors.get(3).take()).containsExactly("init");
        assertThat(read(3, SVR)).as("INIT resets the local APIC").isEqualTo(0xFF);
        send(3, 0x4699);
        assertThat(processors.get(3).take()).containsExactly("startup 153");
        send(3, 0x8500);
        assertThat(processors.get(3).take()).as("INIT level de-assert").isEmpty();
        send(3, 0x4400);
        assertThat(processors.get(3).take()).containsExactly("nmi");
        send(3, 0x4200);
        assertThat(processors.get(3).take()).containsExactly("smi");
        write(1, SVR, 0x1FF);
        write(1, ICR_LOW, 0x44055);
        assertThat(taken(1)).isEqualTo(0x55);
        write(0, SVR, 0x1FF);
        write(1, ICR_LOW, 0x84066);
        assertThat(taken(0)).isEqualTo(0x66);
        assertThat(taken(1)).isEqualTo(0x66);
        assertThat(taken(3)).as("software-disabled").isEqualTo(-1);
    }

    @Test
    void logicalDestinationsFlatAndCluster() {
        for (int cpu = 0; cpu < 4; cpu++) {
            write(cpu, LDR, 1 << 24 + cpu);
        }
        send(0b0110, 0x4870);
        assertThat(List.of(taken(0), taken(1), taken(2), taken(3))).containsExactly(-1, 0x70, 0x70, -1);
        for (int cpu = 0; cpu < 4; cpu++) {
            write(cpu, DFR, 0x0FFF_FFFF);
            write(cpu, LDR, (cpu / 2 << 4 | 1 << cpu % 2) << 24);
        }
        send(0x12, 0x4880);
        assertThat(List.of(taken(0), taken(1), taken(2), taken(3))).containsExactly(-1, -1, -1, 0x80);
        send(0xFF, 0x4890);
        assertThat(List.of(taken(0), taken(1), taken(2), taken(3))).containsOnly(0x90);
    }

    @Test
    void lowestPriorityGoesToWhoIsLeastBusy() {
        write(0, TPR, 0x30);
        write(1, TPR, 0x10);
        write(2, TPR, 0x20);
        write(3, SVR, 0xFF);
        send(0xFF, 0x41A0);
        assertThat(List.of(taken(0), taken(1), taken(2), taken(3))).containsExactly(-1, 0xA0, -1, -1);
    }

    @Test
    void devicesMessagesAreDecoded() {
        bus.send(new Msi(0xFEE0_2000L, 0x0045));
        assertThat(taken(2)).isEqualTo(0x45);
        bus.send(new Msi(0xFEE0_2000L, 0x0445));
        assertThat(processors.get(2).take()).contains("nmi");
        bus.send(new Msi(0x1_FEE0_2000L, 0x0046));
        bus.send(new Msi(0xFED0_2000L, 0x0046));
        assertThat(taken(2)).isEqualTo(-1);
        bus.send(new Msi(0xFEEF_F000L, 0x0047));
        assertThat(List.of(taken(0), taken(1), taken(3))).containsOnly(0x47);
    }

    @Test
    void errorsAreLatchedByAWriteAndInterrupt() {
        write(0, LVT_ERROR, 0xFE);
        send(1, 0x4005);
        assertThat(read(0, ESR)).isZero();
        write(0, ESR, 0);
        assertThat(read(0, ESR)).isEqualTo(0x20);
        assertThat(taken(0)).isEqualTo(0xFE);
        bus.send(new Msi(0xFEE0_1000L, 3));
        write(1, ESR, 0);
        assertThat(read(1, ESR)).isEqualTo(0x40);
        read(0, 0x2E0);
        write(0, ESR, 0);
        assertThat(read(0, ESR)).isEqualTo(0x80);
        write(0, LVT_ERROR, 0x01);
        read(0, 0x2E0);
        write(0, ESR, 0);
        assertThat(read(0, ESR)).as("an illegal error vector").isEqualTo(0x80);
    }

    @Test
    void timerCountsOneShotAndPeriodically() {
        write(0, DIVIDE, 0b0011); // by 16
        write(0, LVT_TIMER, 0x40);
        write(0, INITIAL, 1_000);
        clock.advance(4_000);
        assertThat(read(0, CURRENT)).isEqualTo(750);
        assertThat(taken(0)).isEqualTo(-1);
        clock.advance(12_000);
        assertThat(read(0, CURRENT)).isZero();
        assertThat(taken(0)).isEqualTo(0x40);
        write(0, EOI, 0);
        clock.advance(1_000_000);
        assertThat(taken(0)).isEqualTo(-1);
        write(0, LVT_TIMER, 0x2_0041);
        write(0, INITIAL, 1_000);
        for (int i = 0; i < 5; i++) {
            clock.advance(15_999);
            assertThat(taken(0)).isEqualTo(-1);
            clock.advance(1);
            assertThat(taken(0)).isEqualTo(0x41);
            write(0, EOI, 0);
        }
        clock.advance(8_000);
        write(0, DIVIDE, 0b1011); // by 1: 500 counts are left
        assertThat(read(0, CURRENT)).isEqualTo(500);
        write(0, INITIAL, 0);
        clock.advance(1_000_000);
        assertThat(taken(0)).isEqualTo(-1);
    }

    @Test
    void tscDeadline() throws Exception {
        LocalApic apic = apics.get(0);
        apic.writeMsr(0x6E0, 5_000);
        assertThat(apic.readMsr(0x6E0)).as("not in deadline mode").isZero();
        write(0, LVT_TIMER, 0x4_0042);
        apic.writeMsr(0x6E0, 5_001);
        assertThat(apic.readMsr(0x6E0)).isEqualTo(5_001);
        clock.advance(2_500);
        assertThat(taken(0)).isEqualTo(-1);
        clock.advance(1);
        assertThat(taken(0)).isEqualTo(0x42);
        assertThat(apic.readMsr(0x6E0)).isZero();
        write(0, EOI, 0);
        apic.writeMsr(0x6E0, 100);
        assertThat(taken(0)).as("in the past: at once").isEqualTo(0x42);
        write(0, EOI, 0);
        apic.writeMsr(0x6E0, tsc.now() + 1_000_000);
        tsc.offset += 2_000_000;
        apic.tscChanged();
        assertThat(taken(0)).isEqualTo(0x42);
        write(0, EOI, 0);
        apic.writeMsr(0x6E0, tsc.now() + 1_000);
        write(0, LVT_TIMER, 0x42);
        clock.advance(1_000_000);
        assertThat(taken(0)).as("leaving the mode disarms").isEqualTo(-1);
    }

    @Test
    void x2ApicRegistersAreMsrs() throws Exception {
        LocalApic apic = apics.get(3);
        assertThatThrownBy(() -> apic.readMsr(0x802)).isInstanceOf(MsrFault.class);
        x2(3);
        assertThat(apic.address()).isEqualTo(-1);
        assertThat(apic.readMsr(0x802)).isEqualTo(3);
        assertThat(apic.readMsr(0x80D)).isEqualTo(0x8);
        for (int bad : new int[] {0x80B, 0x809, 0x80E, 0x80C, 0x831, 0x83F, 0x82F, 0x840, 0x8FF}) {
            assertThatThrownBy(() -> apic.readMsr(bad)).as(Integer.toHexString(bad)).isInstanceOf(MsrFault.class);
        }
        for (int bad : new int[] {0x802, 0x803, 0x80A, 0x80D, 0x810, 0x839}) {
            assertThatThrownBy(() -> apic.writeMsr(bad, 0)).as(Integer.toHexString(bad)).isInstanceOf(MsrFault.class);
        }
        assertThatThrownBy(() -> apic.writeMsr(0x80B, 1)).isInstanceOf(MsrFault.class);
        assertThatThrownBy(() -> apic.writeMsr(0x808, 0x100)).isInstanceOf(MsrFault.class);
        apic.writeMsr(0x83F, 0x77);
        assertThat(taken(3)).isEqualTo(0x77);
        apic.writeMsr(0x80B, 0);
        apic.writeMsr(0x830, 0x2_0000_4055L);
        assertThat(taken(2)).isEqualTo(0x55);
        x2(2);
        apic.writeMsr(0x830, 0x0000_000C_0000_4866L);
        assertThat(List.of(taken(2), taken(3))).as("logical").containsExactly(0x66, 0x66);
        assertThatThrownBy(() -> apic.writeMsr(0x1B, 0xFEE00800L)).as("back to xAPIC").isInstanceOf(MsrFault.class);
        apic.writeMsr(0x1B, 0xFEE00000L);
        assertThatThrownBy(() -> apic.writeMsr(0x1B, 0xFEE00C00L)).as("disabled to x2APIC").isInstanceOf(MsrFault.class);
        assertThatThrownBy(() -> apic.writeMsr(0x1B, 0xFEE00400L)).isInstanceOf(MsrFault.class);
        apic.writeMsr(0x1B, 0xFEE00800L);
        assertThat(read(3, SVR)).isEqualTo(0xFF);
    }

    @Test
    void externalInterruptsComeByLint0() throws Exception {
        InterruptLine lint0 = apics.get(0).lint(0);
        lint0.raise();
        assertThat(taken(0)).as("masked").isEqualTo(-1);
        write(0, LVT_LINT0, 0x700);
        assertThat(processors.get(0).take()).containsExactly("interrupt");
        assertThat(taken(0)).isEqualTo(0x38);
        lint0.lower();
        assertThat(taken(0)).isEqualTo(-1);
        write(0, LVT_LINT1, 0x400);
        apics.get(0).lint(1).raise();
        assertThat(processors.get(0).take()).contains("nmi");
        apics.get(0).writeMsr(0x1B, 0);
        lint0.raise();
        assertThat(taken(0)).as("disabled: INTR").isEqualTo(0x38);
    }

    @Test
    void ioApicSendsLevelsUntilEoi() {
        IoApic io = new IoApic(bus);
        InterruptLine pin = io.input(18, Wiring.ACTIVE_LOW);
        redirect(io, 18, 0x0200_0000_0000_A061L);
        assertThat(taken(2)).as("active low, idle high").isEqualTo(-1);
        pin.raise();
        assertThat(taken(2)).isEqualTo(0x61);
        assertThat(read(2, TMR + 0x30)).isEqualTo(2);
        assertThat(entry(io, 18)).isEqualTo(0x0200_0000_0000_E061L);
        pin.lower();
        pin.raise();
        assertThat(taken(2)).as("remote IRR").isEqualTo(-1);
        write(2, EOI, 0);
        assertThat(taken(2)).as("still asserted").isEqualTo(0x61);
        pin.lower();
        write(2, EOI, 0);
        assertThat(taken(2)).isEqualTo(-1);
        assertThat(entry(io, 18)).isEqualTo(0x0200_0000_0000_A061L);
        pin.raise();
        assertThat(taken(2)).isEqualTo(0x61);
        pin.lower();
        io.write(0x40, 4, 0x61);
        assertThat(entry(io, 18)).as("directed EOI").isEqualTo(0x0200_0000_0000_A061L);
    }

    @Test
    void ioApicEdges() {
        IoApic io = new IoApic(bus);
        InterruptLine pin = io.input(4, Wiring.ACTIVE_HIGH);
        pin.raise();
        redirect(io, 4, 0x0100_0000_0000_0034L);
        assertThat(taken(1)).as("an edge while masked is lost").isEqualTo(-1);
        pin.lower();
        pin.raise();
        pin.raise();
        assertThat(taken(1)).isEqualTo(0x34);
        write(1, EOI, 0);
        assertThat(taken(1)).isEqualTo(-1);
        assertThat(io.read(0, 4)).isEqualTo(0x18);
        io.write(0, 4, 1);
        assertThat(io.read(0x10, 4)).isEqualTo(0x170020);
        io.write(0, 4, 0);
        io.write(0x10, 4, -1);
        assertThat(io.read(0x10, 4)).isEqualTo(0x0F00_0000);
    }

    private static void redirect(IoApic io, int pin, long entry) {
        io.write(0, 4, 0x11 + 2 * pin);
        io.write(0x10, 4, entry >>> 32);
        io.write(0, 4, 0x10 + 2 * pin);
        io.write(0x10, 4, entry & 0xFFFF_FFFFL);
    }

    private static long entry(IoApic io, int pin) {
        io.write(0, 4, 0x11 + 2 * pin);
        long high = io.read(0x10, 4);
        io.write(0, 4, 0x10 + 2 * pin);
        return high << 32 | io.read(0x10, 4);
    }

    @Test
    void localApicSurvivesWildPrograms() throws Exception {
        new DeviceFuzz<>(LocalApic.State.class, time -> {
                    ApicBus wires = new ApicBus();
                    LocalApic apic = new LocalApic(1, wires, new Processor(), () -> 0x20, time, new Frequency(1_000_000_000), new Tsc(time));
                    new LocalApic(2, wires, new Processor(), () -> 0x20, time, new Frequency(1_000_000_000), new Tsc(time));
                    return DeviceFuzz.Subject.of(apic::state, apic::restore)
                            .memory(apic, LocalApic.SIZE)
                            .line(apic.lint(0))
                            .line(apic.lint(1))
                            .watch(() -> apic.isInterruptPending() ? apic.acknowledge() : -1)
                            .deed(random -> {
                                apic.accept(new InterruptMessage(1, false, DeliveryMode.FIXED, random.nextInt(256), random.nextBoolean()));
                                return 0;
                            })
                            .deed(random -> {
                                int[] msrs = {0x1B, 0x6E0, 0x800 + random.nextInt(0x40), 0x800 + random.nextInt(0x40)};
                                int msr = msrs[random.nextInt(msrs.length)];
                                try {
                                    if (random.nextBoolean()) {
                                        return apic.readMsr(msr);
                                    }
                                    apic.writeMsr(msr, msr == 0x1B ? random.nextInt(16) << 8 : random.nextBoolean() ? random.nextLong() : random.nextInt(0x800));
                                    return 0;
                                } catch (MsrFault e) {
                                    return -2;
                                }
                            });
                })
                .run(60, 3_000);
    }

    @Test
    void ioApicSurvivesWildPrograms() throws Exception {
        new DeviceFuzz<>(IoApic.State.class, time -> {
                    ApicBus wires = new ApicBus();
                    IoApic io = new IoApic(wires);
                    var subject = DeviceFuzz.Subject.of(io::state, io::restore).memory(io, IoApic.SIZE).deed(random -> {
                        redirect(io, random.nextInt(24), random.nextLong());
                        return entry(io, random.nextInt(24));
                    });
                    for (int pin = 0; pin < 24; pin++) {
                        subject.line(io.input(pin, Wiring.ACTIVE_HIGH));
                    }
                    return subject;
                })
                .run(20, 2_000);
    }
}
