package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.engine.MsrRefusal;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.MemoryRegion;
import trefoil.machine.Msi;
import trefoil.machine.fake.ManualClock;
import trefoil.pc.Frequency;
import trefoil.pc.interrupt.ApicBus;
import trefoil.pc.interrupt.LocalApic;
import trefoil.x86.msr.Msr;

/** What a processor offers to a guest that knows of the hypervisor: ends of interrupts in memory, and steal time. */
class ParavirtualTest {
    private static final int PV_EOI = Msr.MSR_KVM_PV_EOI_EN.number();
    private static final int STEAL_TIME = Msr.MSR_KVM_STEAL_TIME.number();
    private static final int SVR = 0xF0;
    private static final int EOI = 0xB0;
    private static final int ISR = 0x100;
    private static final int PLACE = 0x1004;
    private static final int LOW = 0x31;
    private static final int HIGH = 0x81;

    private final GuestMemory memory = new GuestMemory(List.of(MemoryRegion.ram(0, Arena.ofAuto().allocate(0x4000, 0x1000))));
    private final ApicBus bus = new ApicBus();
    private final ManualClock clock = new ManualClock();
    private long waited = 1_000;
    private final StealTime stealTime = new StealTime(memory, () -> waited);
    private Processor processor;
    private LocalApic apic;

    @BeforeEach
    void connect() {
        TscCounter tsc = new TscCounter(clock, new Frequency(1_000_000_000));
        processor = new Processor(tsc, new KvmClock(memory, clock, 1_000_000_000), new ParavirtualEoi(memory), stealTime);
        apic = new LocalApic(0, bus, processor, () -> 0, clock, new Frequency(1_000_000), tsc);
        processor.connect(null, apic);
        apic.write(SVR, 4, 0x1FF);
    }

    private void send(int vector) {
        bus.send(new Msi(0xFEE0_0000L, vector));
    }

    private void sendLevel(int vector) {
        bus.send(new Msi(0xFEE0_0000L, 0xC000 | vector));
    }

    private boolean inService(int vector) {
        return (apic.read(ISR + (vector >> 5 << 4), 4) >> (vector & 31) & 1) != 0;
    }

    private int flag() throws GuestMemoryFault {
        return memory.getInt(PLACE);
    }

    @Test
    void anInterruptBehindWhichNothingWaitsIsEndedInMemory() throws Exception {
        processor.write(PV_EOI, PLACE | 1);
        send(LOW);
        assertThat(processor.isInterruptPending()).isTrue();
        assertThat(processor.acknowledge()).isEqualTo(LOW);
        assertThat(flag()).isEqualTo(1);
        memory.putInt(PLACE, 0); // the guest's end of interrupt
        send(LOW);
        assertThat(processor.isInterruptPending()).isTrue();
        assertThat(processor.acknowledge()).isEqualTo(LOW);
        assertThat(flag()).isEqualTo(1);
    }

    @Test
    void anOfferThatWasNotTakenUpIsWithdrawnWhenAnotherInterruptComes() throws Exception {
        processor.write(PV_EOI, PLACE | 1);
        send(HIGH);
        processor.isInterruptPending();
        processor.acknowledge();
        send(LOW);
        assertThat(processor.isInterruptPending()).as("a lower one waits for the end").isFalse();
        assertThat(flag()).isZero();
        assertThat(inService(HIGH)).isTrue();
        processor.write(EOI, 4, 0);
        assertThat(inService(HIGH)).isFalse();
        assertThat(processor.isInterruptPending()).isTrue();
        assertThat(processor.acknowledge()).isEqualTo(LOW);
    }

    @Test
    void aHigherInterruptComesThroughAndBothAreEnded() throws Exception {
        processor.write(PV_EOI, PLACE | 1);
        send(LOW);
        processor.isInterruptPending();
        processor.acknowledge();
        send(HIGH);
        assertThat(processor.isInterruptPending()).isTrue();
        assertThat(processor.acknowledge()).isEqualTo(HIGH);
        assertThat(flag()).as("the higher one's").isEqualTo(1);
        memory.putInt(PLACE, 0);
        processor.write(EOI, 4, 0); // the lower one's
        assertThat(inService(HIGH)).isFalse();
        assertThat(inService(LOW)).isFalse();
    }

    @Test
    void nothingIsOfferedForLevelsNorWhileOthersWait() throws Exception {
        processor.write(PV_EOI, PLACE | 1);
        sendLevel(LOW);
        processor.isInterruptPending();
        processor.acknowledge();
        assertThat(flag()).isZero();
        processor.write(EOI, 4, 0);
        send(HIGH);
        send(LOW);
        processor.isInterruptPending();
        assertThat(processor.acknowledge()).isEqualTo(HIGH);
        assertThat(flag()).isZero();
    }

    @Test
    void anEndByTheRegisterWithdrawsTheOffer() throws Exception {
        processor.write(PV_EOI, PLACE | 1);
        send(LOW);
        processor.isInterruptPending();
        processor.acknowledge();
        processor.write(EOI, 4, 0);
        assertThat(flag()).isZero();
        assertThat(inService(LOW)).isFalse();
        send(LOW);
        assertThat(processor.isInterruptPending()).isTrue();
    }

    @Test
    void placesWithoutMemoryAndReservedBitsDoNoHarm() throws Exception {
        processor.write(PV_EOI, 1L << 40 | 1);
        send(LOW);
        processor.isInterruptPending();
        assertThat(processor.acknowledge()).isEqualTo(LOW);
        assertThat(inService(LOW)).isTrue();
        assertThatThrownBy(() -> processor.write(PV_EOI, 3)).isInstanceOf(MsrRefusal.class);
        assertThatThrownBy(() -> processor.write(STEAL_TIME, 0x2021)).isInstanceOf(MsrRefusal.class);
        processor.write(STEAL_TIME, 1L << 40 | 1);
        waited += 5;
        stealTime.update(Long.MAX_VALUE);
    }

    @Test
    void stealTimeGrowsByWhatTheThreadWaited() throws Exception {
        memory.putLong(0x2000, 7);
        processor.write(STEAL_TIME, 0x2000 | 1);
        assertThat(processor.read(STEAL_TIME)).isEqualTo(0x2001);
        waited += 12_345;
        stealTime.update(1_000_000_000);
        assertThat(memory.getLong(0x2000)).isEqualTo(7 + 12_345);
        assertThat(memory.getInt(0x2008)).as("version").isPositive().matches(version -> version % 2 == 0);
        waited += 100;
        stealTime.update(1_000_000_001);
        assertThat(memory.getLong(0x2000)).as("too soon").isEqualTo(7 + 12_345);
        stealTime.update(1_020_000_000);
        assertThat(memory.getLong(0x2000)).isEqualTo(7 + 12_445);
        processor.write(STEAL_TIME, 0);
        waited += 100;
        stealTime.update(2_000_000_000);
        assertThat(memory.getLong(0x2000)).isEqualTo(7 + 12_445);
    }
}
