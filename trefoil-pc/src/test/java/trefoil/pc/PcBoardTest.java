package trefoil.pc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import trefoil.machine.Bus;
import trefoil.machine.CharBackend;
import trefoil.machine.Msi;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.snapshot.Snapshot;
import trefoil.pc.boot.PcMemoryMap;
import trefoil.pc.interrupt.LocalApic;
import trefoil.pc.interrupt.ProcessorSignals;
import trefoil.pc.interrupt.TimeStampCounter;
import trefoil.pc.power.PowerListener;
import trefoil.pci.ConfigSpace;

class PcBoardTest {
    private static final class Silent implements CharBackend {
        @Override
        public int write(byte[] from, int offset, int length) {
            return length;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return 0;
        }

        @Override
        public void listen(Runnable ready) {}

        @Override
        public void close() {}
    }

    private static final class Processor implements ProcessorSignals, TimeStampCounter {
        private final ManualClock clock;

        Processor(ManualClock clock) {
            this.clock = clock;
        }

        @Override
        public void interrupt() {}

        @Override
        public void nmi() {}

        @Override
        public void smi() {}

        @Override
        public void init() {}

        @Override
        public void startup(int vector) {}

        @Override
        public long now() {
            return clock.nanos();
        }

        @Override
        public long nanosAt(long value) {
            return value < 0 ? Long.MAX_VALUE : value;
        }
    }

    /** A board with two processors and a device in slot 3. */
    private static final class Machine implements PowerListener {
        private final ManualClock clock = new ManualClock(1_700_000_000_000_000_000L);
        private final Bus bus = new Bus();
        private final List<String> heard = new ArrayList<>();
        private final PcBoard board;
        private final ConfigSpace device = new ConfigSpace(new ConfigSpace.Identity(0x1AF4, 0x1041, 1, 0x020000, 0x1AF4, 0x1100));

        Machine() {
            List<Processor> processors = List.of(new Processor(clock), new Processor(clock));
            board = new PcBoard(new PcBoard.Surroundings(bus, clock, List.copyOf(processors), List.copyOf(processors), new Frequency(1_000_000_000), new Silent(), this, (start, length, read, write) -> {}));
            device.intx(1, board.pciLine(3, 1));
            board.pci().add(3, 0, device);
            prepare();
        }

        void prepare() {
            board.program(new PcMemoryMap(1L << 30), 1L << 36);
            for (LocalApic apic : board.localApics()) {
                apic.write(0xF0, 4, 0x1FF);
            }
        }

        int taken(int cpu) {
            LocalApic apic = board.localApics().get(cpu);
            int vector = apic.isInterruptPending() ? apic.acknowledge() : -1;
            apic.write(0xB0, 4, 0);
            return vector;
        }

        void redirect(int pin, long entry) {
            bus.write(0xFEC0_0000L, 4, 0x11 + 2 * pin);
            bus.write(0xFEC0_0010L, 4, entry >>> 32);
            bus.write(0xFEC0_0000L, 4, 0x10 + 2 * pin);
            bus.write(0xFEC0_0010L, 4, entry & 0xFFFF_FFFFL);
        }

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
            heard.add("a20");
        }
    }

    private final Machine machine = new Machine();
    private final Bus bus = machine.bus;

    private void out(int... portsAndValues) {
        for (int i = 0; i < portsAndValues.length; i += 2) {
            bus.out(portsAndValues[i], 1, portsAndValues[i + 1]);
        }
    }

    @Test
    void timerInterruptsThroughThe8259sAndLint0() {
        out(0x20, 0x11, 0x21, 0x30, 0x21, 4, 0x21, 1, 0x21, 0xFE, 0xA1, 0xFF);
        machine.board.localApics().getFirst().write(0x350, 4, 0x700);
        out(0x43, 0x34, 0x40, 0x9C, 0x40, 0x2E);
        machine.clock.advance(20_000_000);
        assertThat(machine.taken(0)).isEqualTo(0x30);
        assertThat(machine.taken(0)).isEqualTo(-1);
        out(0x20, 0x20);
        machine.clock.advance(10_000_000);
        assertThat(machine.taken(0)).isEqualTo(0x30);
    }

    @Test
    void timerInterruptsThroughInput2OfTheIoApic() {
        machine.redirect(2, 0x0100_0000_0000_0031L);
        out(0x43, 0x30, 0x40, 0x00, 0x40, 0x10);
        machine.clock.advance(10_000_000);
        assertThat(machine.taken(1)).isEqualTo(0x31);
    }

    @Test
    void pciPinIsActiveLowAtTheIoApic() {
        machine.redirect(16 + 7, 0xA055L);
        assertThat(machine.taken(0)).isEqualTo(-1);
        machine.device.interrupt(true);
        assertThat(machine.taken(0)).isEqualTo(0x55);
        assertThat(machine.taken(0)).as("still asserted").isEqualTo(0x55);
        machine.device.interrupt(false);
        machine.taken(0);
        assertThat(machine.taken(0)).isEqualTo(-1);
    }

    @Test
    void powerButtonSoftOffAndReset() {
        machine.redirect(9, 0x8039L);
        bus.out(0x602, 2, 0x100);
        machine.board.power().pressPowerButton();
        assertThat(machine.taken(0)).isEqualTo(0x39);
        bus.out(0x600, 2, 0x100);
        bus.out(0x604, 2, 0x3C01);
        bus.out(0xCF9, 1, 6);
        assertThat(machine.heard).containsExactly("S5", "BOARD");
    }

    @Test
    void devicesAreFoundThroughEcamAndSendMessages() {
        assertThat(bus.read(PcMemoryMap.ECAM + (3 << 15), 4)).isEqualTo(0x1041_1AF4L);
        machine.board.messages().send(new Msi(0xFEE0_1000L, 0x44));
        assertThat(machine.taken(1)).isEqualTo(0x44);
    }

    @Test
    void wildProgramsOfTheWholeBoardAreCarriedOverByItsState() throws Exception {
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(seed);
            Machine first = new Machine();
            for (int i = 0; i < 20_000; i++) {
                disturb(first, random.nextLong());
            }
            Machine second = new Machine();
            second.clock.advance(first.clock.nanos());
            second.board.restore(Snapshot.parse(bytes(first)).get("board", PcBoard.State.class));
            second.device.restore(first.device.state());
            assertThat(bytes(second)).as("seed %d", seed).isEqualTo(bytes(first));
            for (int i = 0; i < 5_000; i++) {
                long what = random.nextLong();
                assertThat(disturb(second, what)).as("seed %d, step %d", seed, i).isEqualTo(disturb(first, what));
            }
        }
    }

    @Test
    void resetLeavesNothingOfWhatWasProgrammed() {
        List<String> fresh = chips(new Machine());
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Machine used = new Machine();
            used.bus.out(0x4D0, 2, 0xFFFF);
            for (int i = 0; i < 10_000; i++) {
                disturb(used, random.nextLong());
            }
            assertThat(chips(used)).isNotEqualTo(fresh);
            used.board.reset();
            used.prepare();
            assertThat(chips(used)).as("seed %d", seed).isEqualTo(fresh);
        }
    }

    /** All but the two that know what time it is. */
    private static List<String> chips(Machine machine) {
        PcBoard.State state = machine.board.state();
        List<Record> chips = new ArrayList<>(state.localApics());
        chips.addAll(List.of(state.pic(), state.ioApic(), state.pit(), state.hpet(), state.com1(), state.keyboard(), state.a20(), state.port92(), state.reset(), state.pci(), state.hostBridge(), state.lpcBridge(), machine.device.state()));
        return chips.stream().map(PcBoardTest::shown).toList();
    }

    private static String shown(Record chip) {
        Snapshot snapshot = new Snapshot();
        snapshot.put("chip", chip);
        return chip.getClass().getName() + " " + java.util.HexFormat.of().formatHex(snapshot.toBytes());
    }

    private static byte[] bytes(Machine machine) {
        Snapshot snapshot = new Snapshot();
        snapshot.put("board", machine.board.state());
        return snapshot.toBytes();
    }

    private static final int[] PORTS = {0x20, 0x40, 0x60, 0x70, 0x92, 0xA0, 0x3F8, 0x4D0, 0x600, 0xCF8, 0xCFC};
    private static final long[] PAGES = {0xFEC0_0000L, 0xFED0_0000L, 0xFED0_0100L, PcMemoryMap.ECAM};

    private static long disturb(Machine machine, long seed) {
        Random random = new Random(seed);
        int size = 1 << random.nextInt(3);
        int port = PORTS[random.nextInt(PORTS.length)] + random.nextInt(8);
        long address = PAGES[random.nextInt(PAGES.length)] + 4L * random.nextInt(32);
        return switch (random.nextInt(8)) {
            case 0, 1 -> machine.bus.in(port, size);
            case 2, 3 -> {
                machine.bus.out(port, size, random.nextInt());
                yield 0;
            }
            case 4 -> machine.bus.read(address, 4);
            case 5 -> {
                machine.bus.write(address, 4, random.nextInt());
                yield 0;
            }
            case 6 -> machine.taken(random.nextInt(2));
            default -> {
                machine.clock.advance(random.nextInt(200_000));
                yield 0;
            }
        };
    }
}
