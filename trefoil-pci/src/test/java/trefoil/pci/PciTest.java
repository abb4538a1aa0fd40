package trefoil.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import trefoil.machine.Bus;
import trefoil.machine.Mmio;
import trefoil.machine.Msi;
import trefoil.machine.PortIo;
import trefoil.machine.fake.ProbeLine;
import trefoil.machine.fake.ProbeSink;
import trefoil.machine.snapshot.Snapshot;

class PciTest {
    /** Answers with its offset. */
    private static final class Echo implements Mmio, PortIo {
        @Override
        public long read(long offset, int size) {
            return offset;
        }

        @Override
        public void write(long offset, int size, long value) {}

        @Override
        public int read(int offset, int size) {
            return offset;
        }

        @Override
        public void write(int offset, int size, int value) {}
    }

    private final Bus bus = new Bus();
    private final List<String> resets = new ArrayList<>();
    private final List<String> shadows = new ArrayList<>();
    private final List<Long> power = new ArrayList<>();
    private final List<ProbeLine> apic = IntStream.range(0, 8).mapToObj(i -> new ProbeLine()).toList();
    private final List<ProbeLine> pic = IntStream.range(0, 16).mapToObj(i -> new ProbeLine()).toList();
    private final PirqRouter router = new PirqRouter(List.copyOf(apic), List.copyOf(pic));
    private final PciRoot root = new PciRoot(new PortIo() {
        @Override
        public int read(int offset, int size) {
            return 0x0E;
        }

        @Override
        public void write(int offset, int size, int value) {
            resets.add(Integer.toHexString(value));
        }
    });
    private final HostBridge host = new HostBridge(root, bus, (start, length, read, write) -> {
        if (read || write) {
            shadows.add(Long.toHexString(start) + "+" + Long.toHexString(length) + (read ? " R" : "") + (write ? " W" : ""));
        }
    });
    private final LpcBridge lpc = new LpcBridge(root, router, power::add, address -> {});
    private final ProbeSink sink = new ProbeSink();
    private final ConfigSpace device = new ConfigSpace(new ConfigSpace.Identity(0x1AF4, 0x1042, 1, 0x018000, 0x1AF4, 0x1100));
    private final Msix msix = new Msix(device, 4, 1, 0, sink);
    private final Bar memory = device.memoryBar(2, Bar.Kind.PREFETCHABLE_64, 0x4000, new Echo(), bus);
    private final Bar table = device.memoryBar(1, Bar.Kind.MEMORY_32, 0x1000, msix, bus);
    private final Bar ports = device.portBar(0, 32, new Echo(), bus);

    @BeforeEach
    void attach() {
        root.attach(bus);
        device.intx(1, router.line(3, 1));
        root.add(3, 0, device);
    }

    private int config(int slot, int register, int size) {
        bus.out(0xCF8, 4, 0x8000_0000 | slot << 11 | register & 0xFC);
        return bus.in(0xCFC + (register & 3), size);
    }

    private void config(int slot, int register, int size, int value) {
        bus.out(0xCF8, 4, 0x8000_0000 | slot << 11 | register & 0xFC);
        bus.out(0xCFC + (register & 3), size, value);
    }

    @Test
    void functionsAreFoundByPorts() {
        assertThat(config(0, 0, 4)).isEqualTo(0x29C0_8086);
        assertThat(config(0, 0x2C, 4)).isEqualTo(0x1100_1AF4);
        assertThat(config(31, 0, 4)).isEqualTo(0x2918_8086);
        assertThat(config(31, 0x0A, 2)).isEqualTo(0x0601);
        assertThat(config(3, 2, 2)).isEqualTo(0x1042);
        assertThat(config(4, 0, 4)).isEqualTo(-1);
        assertThat(bus.in(0xCF8, 4)).isEqualTo(0x8000_2000);
        bus.out(0xCF8, 4, 0x0000_1800);
        assertThat(bus.in(0xCFC, 4)).as("not enabled").isEqualTo(-1);
        bus.out(0xCF8, 4, 0x8001_0000);
        assertThat(bus.in(0xCFC, 4)).as("bus 1").isEqualTo(-1);
        bus.out(0xCF9, 1, 6);
        assertThat(resets).containsExactly("6");
        assertThat(bus.in(0xCF9, 1)).isEqualTo(0x0E);
    }

    @Test
    void enhancedAccessFollowsPciexbar() {
        host.placeEcam(0xB000_0000L);
        assertThat(bus.read(0xB000_0000L + (3 << 15), 4)).isEqualTo(0x1042_1AF4L);
        assertThat(bus.read(0xB000_0000L + (3 << 15) + 2, 2)).isEqualTo(0x1042L);
        assertThat(bus.read(0xB000_0000L + (3 << 15) + 0x100, 4)).as("no extended space").isEqualTo(0xFFFF_FFFFL);
        assertThat(bus.read(0xBFFF_F000L, 4)).isEqualTo(0xFFFF_FFFFL);
        assertThat(bus.unclaimedReads()).isZero();
        config(0, 0x64, 4, 1);
        assertThat(bus.read(0x1_B000_0000L, 4)).isEqualTo(0x29C0_8086L);
        config(0, 0x60, 4, 0xC000_0005);
        assertThat(bus.read(0x1_C3FF_F000L, 4)).as("64 MiB").isEqualTo(0xFFFF_FFFFL);
        assertThat(bus.unclaimedReads()).isZero();
        bus.read(0x1_C400_0000L, 4);
        assertThat(bus.unclaimedReads()).isEqualTo(1);
        bus.write(0x1_C000_0060L, 4, 0);
        bus.read(0x1_C000_0000L, 4);
        assertThat(bus.unclaimedReads()).as("switched off through itself").isEqualTo(2);
    }

    @Test
    void baseAddressesAreSizedPlacedAndMoved() {
        config(3, 0x18, 4, -1);
        config(3, 0x1C, 4, -1);
        assertThat(config(3, 0x18, 4)).isEqualTo(0xFFFF_C00C);
        assertThat(config(3, 0x1C, 4)).isEqualTo(-1);
        config(3, 0x10, 4, -1);
        assertThat(config(3, 0x10, 4)).isEqualTo(0xFFFF_FFE1);
        config(3, 0x18, 4, 0x8000_0000);
        config(3, 0x1C, 4, 1);
        config(3, 0x10, 4, 0xC040);
        assertThat(bus.read(0x1_8000_0010L, 4)).as("not decoded yet").isEqualTo(0xFFFF_FFFFL);
        config(3, 4, 2, 0x3);
        assertThat(bus.read(0x1_8000_0010L, 4)).isEqualTo(0x10);
        assertThat(bus.in(0xC048, 1)).isEqualTo(8);
        config(3, 0x18, 4, 0x9000_0000);
        assertThat(bus.read(0x1_9000_3FFCL, 4)).isEqualTo(0x3FFC);
        assertThat(bus.read(0x1_8000_0010L, 4)).isEqualTo(0xFFFF_FFFFL);
        config(3, 4, 2, 0x1);
        assertThat(bus.read(0x1_9000_0010L, 4)).isEqualTo(0xFFFF_FFFFL);
    }

    @Test
    void readOnlyBitsStay() {
        for (int register = 0; register < 256; register += 4) {
            config(3, register, 4, -1);
        }
        assertThat(config(3, 0, 4)).isEqualTo(0x1042_1AF4);
        assertThat(config(3, 4, 4)).isEqualTo(0x0010_0547);
        assertThat(config(3, 0x34, 1)).isEqualTo(0x40);
        assertThat(config(3, 0x40, 4)).isEqualTo(0xC003_0011);
        assertThat(config(3, 0x3C, 2)).isEqualTo(0x01FF);
        assertThat(config(3, 0x24, 4)).as("no such base address").isZero();
    }

    @Test
    void firmwaresWorkIsDoneForDirectBoots() {
        lpc.program(0x600, 10, 11);
        assertThat(power).endsWith(0x600L);
        new ResourceAssignment(new ResourceAssignment.Range(0xC000, 0x4000), new ResourceAssignment.Range(0xC000_0000L, 0x3C00_0000L), new ResourceAssignment.Range(0x1_4000_0000L, 1L << 32)).assign(root, lpc);
        assertThat(memory.address()).isEqualTo(0x1_4000_0000L);
        assertThat(table.address()).isEqualTo(0xC000_0000L);
        assertThat(ports.address()).isEqualTo(0xC000);
        assertThat(bus.in(0xC004, 1)).isEqualTo(4);
        assertThat(bus.read(0x1_4000_0004L, 4)).isEqualTo(4);
        assertThat(config(3, 0x3C, 1)).as("slot 3, INTA# is PIRQH#").isEqualTo(11);
    }

    @Test
    void pinsReachBothControllers() {
        lpc.program(0x600, 10, 11);
        device.interrupt(true);
        assertThat(apic.get(7).isHigh()).isTrue();
        assertThat(pic.get(11).isHigh()).isTrue();
        assertThat(config(3, 6, 2)).isEqualTo(0x18);
        var other = router.line(7, 1);
        other.raise();
        config(3, 4, 2, 0x400);
        assertThat(apic.get(7).isHigh()).as("the other device's").isTrue();
        other.lower();
        assertThat(apic.get(7).isHigh()).as("INTx disabled").isFalse();
        config(3, 4, 2, 0);
        assertThat(pic.get(11).isHigh()).isTrue();
        config(31, 0x6B, 1, 5);
        assertThat(pic.get(11).isHigh()).isFalse();
        assertThat(pic.get(5).isHigh()).isTrue();
        config(31, 0x6B, 1, 0x80);
        assertThat(pic.get(5).isHigh()).isFalse();
        device.interrupt(false);
        assertThat(apic.get(7).isHigh()).isFalse();
    }

    @Test
    void messagesWaitWhileMasked() {
        config(3, 4, 2, 6);
        config(3, 0x14, 4, 0xC000_0000);
        assertThat(bus.read(0xC000_000CL, 4)).isEqualTo(1);
        bus.write(0xC000_0010L, 8, 0xFEE0_1003L);
        bus.write(0xC000_0018L, 4, 0x41);
        msix.signal(1);
        assertThat(bus.read(0xC000_0080L, 8)).as("not enabled").isZero();
        config(3, 0x42, 2, 0x8000);
        msix.signal(1);
        msix.signal(9);
        assertThat(sink.take()).isEmpty();
        assertThat(bus.read(0xC000_0080L, 8)).isEqualTo(2);
        bus.write(0xC000_001CL, 4, 0);
        assertThat(sink.take()).containsExactly(new Msi(0xFEE0_1000L, 0x41));
        assertThat(bus.read(0xC000_0080L, 4)).isZero();
        config(3, 0x42, 2, 0xC000);
        msix.signal(1);
        msix.signal(1);
        assertThat(sink.take()).isEmpty();
        config(3, 0x42, 2, 0x8000);
        assertThat(sink.take()).hasSize(1);
        config(3, 4, 2, 2);
        msix.signal(1);
        assertThat(sink.take()).as("no bus master").isEmpty();
        config(3, 4, 2, 6);
        assertThat(sink.take()).hasSize(1);
        assertThat(config(3, 0x42, 2)).isEqualTo(0x8003);
    }

    @Test
    void pamIsTold() {
        config(0, 0x90, 4, 0x0000_1030);
        assertThat(shadows).containsExactly("f0000+10000 R W", "c4000+4000 R");
    }

    @Test
    void severalFunctionsAreAnnounced() {
        root.add(31, 2, new ConfigSpace(new ConfigSpace.Identity(0x8086, 0x2922, 2, 0x010601, 0, 0)));
        assertThat(config(31, 0x0E, 1)).isEqualTo(0x80);
        assertThat(config(3, 0x0E, 1)).isZero();
    }

    @Test
    void wildProgramsChangeNothingThatAStateDoesNotHold() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            int slot = new int[] {0, 3, 31, random.nextInt(32)}[random.nextInt(4)];
            int size = 1 << random.nextInt(3);
            int register = random.nextInt(256 / size) * size;
            switch (random.nextInt(4)) {
                case 0 -> config(slot, register, size);
                case 1 -> config(slot, register, size, random.nextInt());
                case 2 -> msix.write(random.nextInt(128), 1 << random.nextInt(4), random.nextLong());
                default -> msix.signal(random.nextInt(5));
            }
        }
        byte[] before = bytes();
        ConfigSpace.State deviceState = device.state();
        ConfigSpace.State lpcState = lpc.config().state();
        ConfigSpace.State hostState = host.config().state();
        Msix.State msixState = msix.state();
        device.reset();
        lpc.config().reset();
        host.config().reset();
        msix.reset();
        assertThat(bytes()).isNotEqualTo(before);
        msix.restore(msixState);
        device.restore(deviceState);
        lpc.config().restore(lpcState);
        host.config().restore(hostState);
        assertThat(bytes()).isEqualTo(before);
        assertThat(memory.address() & 0x3FFF).isZero();
    }

    private byte[] bytes() {
        Snapshot snapshot = new Snapshot();
        snapshot.put("device", device.state());
        snapshot.put("lpc", lpc.config().state());
        snapshot.put("host", host.config().state());
        snapshot.put("msix", msix.state());
        return snapshot.toBytes();
    }
}
