package trefoil.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BusTest {
    private final Bus bus = new Bus();
    private final List<String> seen = new ArrayList<>();

    /** Answers with its name's character in every byte, and too many of them. */
    private final class Device implements PortIo, Mmio {
        private final char name;

        Device(char name) {
            this.name = name;
        }

        @Override
        public int read(int offset, int size) {
            return (int) read((long) offset, size);
        }

        @Override
        public void write(int offset, int size, int value) {
            seen.add(name + " " + offset + "/" + size + "=" + Integer.toHexString(value));
        }

        @Override
        public long read(long offset, int size) {
            seen.add(name + " " + offset + "/" + size);
            return name * 0x0101_0101_0101_0101L;
        }

        @Override
        public void write(long offset, int size, long value) {
            seen.add(name + " " + offset + "/" + size + "=" + Long.toHexString(value));
        }
    }

    private List<String> seen() {
        List<String> taken = List.copyOf(seen);
        seen.clear();
        return taken;
    }

    @Test
    void accessesWithinAWindowGoThroughAsTheyAre() {
        bus.attach((PortIo) new Device('a'), 0x1CE, 4);
        assertThat(bus.in(0x1CF, 2)).isEqualTo(0x6161);
        bus.out(0x1CE, 4, -1);
        bus.out(0x1D1, 1, 0x1234);
        assertThat(seen()).containsExactly("a 1/2", "a 0/4=ffffffff", "a 3/1=34");
        bus.attach((Mmio) new Device('m'), 0xFEC0_0000L, 0x1000);
        assertThat(bus.read(0xFEC0_0003L, 8)).isEqualTo(0x6D6D6D6D6D6D6D6DL);
        bus.write(0xFEC0_0FFEL, 2, 0xABCDEF);
        assertThat(seen()).containsExactly("m 3/8", "m 4094/2=cdef");
        assertThat(bus.unclaimedReads() + bus.unclaimedWrites()).isZero();
    }

    @Test
    void unclaimedReadsAreOnesAndWritesAreDropped() {
        List<String> traced = new ArrayList<>();
        bus.trace(new BusTrace() {
            @Override
            public void unclaimedRead(Bus.Space space, long address, int size) {
                traced.add(space + " " + address + "/" + size);
            }

            @Override
            public void unclaimedWrite(Bus.Space space, long address, int size, long value) {
                traced.add(space + " " + address + "/" + size + "=" + value);
            }
        });
        assertThat(bus.in(0x80, 1)).isEqualTo(0xFF);
        assertThat(bus.in(0x80, 4)).isEqualTo(-1);
        assertThat(bus.read(0, 2)).isEqualTo(0xFFFF);
        assertThat(bus.read(Bus.ADDRESSES - 4, 8)).isEqualTo(-1);
        bus.out(0xFFFF, 4, 5);
        bus.write(1, 1, 0x1FF);
        assertThat(traced).containsExactly("PORT 128/1", "PORT 128/4", "MEMORY 0/2", "MEMORY " + (Bus.ADDRESSES - 4) + "/8", "PORT 65535/4=5", "MEMORY 1/1=255");
        assertThat(bus.unclaimedReads()).isEqualTo(4);
        assertThat(bus.unclaimedWrites()).isEqualTo(2);
    }

    @Test
    void whatCrossesAWindowIsSplitIntoAlignedPieces() {
        bus.attach((PortIo) new Device('a'), 0x60, 1);
        bus.attach((PortIo) new Device('b'), 0x61, 2);
        assertThat(bus.in(0x60, 2)).isEqualTo(0x6261);
        assertThat(bus.in(0x60, 4)).isEqualTo(0xFF626261);
        assertThat(seen()).containsExactly("a 0/1", "b 0/1", "a 0/1", "b 0/1", "b 1/1");
        bus.out(0x62, 4, 0x04030201);
        bus.out(0x5F, 4, 0x04030201);
        assertThat(seen()).containsExactly("b 1/1=1", "a 0/1=2", "b 0/1=3", "b 1/1=4");
        bus.attach((Mmio) new Device('m'), 0x1000, 0x1000);
        bus.write(0xFFD, 8, 0x0807060504030201L);
        assertThat(seen()).containsExactly("m 0/4=7060504", "m 4/1=8");
        bus.write(0x1001, 7, 0x07060504030201L);
        assertThat(seen()).containsExactly("m 1/1=1", "m 2/2=302", "m 4/4=7060504");
        assertThat(bus.read(0x1FFC, 8)).isEqualTo(0xFFFFFFFF_6D6D6D6DL);
    }

    @Test
    void windowsMoveHideAndOverlap() {
        Bus.Window a = bus.attach((Mmio) new Device('a'), 0x1000, 0x1000);
        Bus.Window b = bus.attach((Mmio) new Device('b'), 0x5000, 0x4000);
        b.move(0x0);
        assertThat(List.of(bus.read(0xFFF, 1), bus.read(0x1000, 1), bus.read(0x1FFF, 1), bus.read(0x2000, 1), bus.read(0x4000, 1)))
                .containsExactly((long) 'b', (long) 'a', (long) 'a', (long) 'b', 0xFFL);
        assertThat(seen()).containsExactly("b 4095/1", "a 0/1", "a 4095/1", "b 8192/1");
        a.move(0xFFFF_FFFF_FFFF_F000L);
        assertThat(bus.read(0x1000, 4)).isEqualTo(0x62626262L);
        a.move(0x3800);
        assertThat(bus.read(0x37FF, 2)).isEqualTo(0x6162L);
        assertThat(bus.read(0x4000, 1)).isEqualTo('a');
        a.hide();
        assertThat(bus.read(0x4000, 1)).isEqualTo(0xFF);
        a.move(0x4000);
        assertThat(bus.read(0x4000, 1)).isEqualTo('a');
        a.detach();
        b.detach();
        assertThat(bus.read(0x4000, 1)).isEqualTo(0xFF);
        assertThatThrownBy(() -> bus.attach((Mmio) new Device('c'), 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tableAgreesWithASearchThroughAllWindows() {
        Random random = new Random(42);
        int[] starts = new int[12];
        int[] lengths = new int[12];
        Bus.Window[] windows = new Bus.Window[12];
        for (int i = 0; i < windows.length; i++) {
            lengths[i] = 1 + random.nextInt(40);
            starts[i] = random.nextInt(200);
            windows[i] = bus.attach((Mmio) new Device((char) ('a' + i)), starts[i], lengths[i]);
        }
        for (int round = 0; round < 2_000; round++) {
            int moved = random.nextInt(windows.length);
            starts[moved] = random.nextInt(200);
            windows[moved].move(starts[moved]);
            int address = random.nextInt(240);
            long expected = 0xFF;
            for (int i = windows.length - 1; i >= 0; i--) {
                expected = address >= starts[i] && address < starts[i] + lengths[i] ? 'a' + i : expected;
            }
            assertThat(bus.read(address, 1)).as("round %d", round).isEqualTo(expected);
        }
    }

    @Test
    void readersSeeADeviceWithItsOwnPlaceWhileItMoves() throws Exception {
        Mmio device = new Mmio() {
            @Override
            public long read(long offset, int size) {
                return offset;
            }

            @Override
            public void write(long offset, int size, long value) {}
        };
        Bus.Window window = bus.attach(device, 0, 0x1000);
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean wrong = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                long value = bus.read(0x1800, 4);
                wrong.compareAndSet(false, value != 0x800 && value != 0x1800 - 0x1400 && value != 0xFFFF_FFFFL);
            }
        });
        for (int i = 0; i < 20_000; i++) {
            window.move(i % 3 == 0 ? 0x1000 : i % 3 == 1 ? 0x1400 : 0x2000);
        }
        done.set(true);
        reader.join();
        assertThat(wrong).isFalse();
    }
}
