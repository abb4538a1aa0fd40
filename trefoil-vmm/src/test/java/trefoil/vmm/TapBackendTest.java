package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;
import trefoil.linux.tap.Tap;
import trefoil.machine.IoStatus;
import trefoil.machine.NetBackend.Offload;

@Timeout(20)
class TapBackendTest {
    private static final int HEADER = 12;
    private static final String NOTHING_UNDONE = "00".repeat(HEADER);
    private static final String HOST_MAC = "020000000001";
    private static final String GUEST_MAC = "020000000002";
    /** UDP from 10.1.2.9 port 9 to 10.1.2.3 port 7, "hi", whose checksum is that of the pseudo header alone (virtio 1.2, 5.1.6.2.1). */
    private static final String IP = HOST_MAC + GUEST_MAC + "0800" + "4500001e000040004011" + "22c2" + "0a010209" + "0a010203";
    private static final String DATAGRAM = "00090007000a" + "1829" + "6869";
    private static final String UNSUMMED = "0100" + "0000" + "0000" + "2200" + "0600" + "0000";

    private final Arena arena = Arena.ofShared();
    private FileDescriptor namespace;
    private TapBackend backend;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "needs root for network namespaces");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs the kernel's module tun");
        namespace = NetworkNamespace.create();
        NetworkNamespace.call(namespace, () -> {
            try (Tap tap = Tap.open("tap0"); RouteSocket route = RouteSocket.open()) {
                tap.persist();
                int index = route.link("tap0").orElseThrow().index();
                route.run(new RouteBatch().hardwareAddress(index, "02:00:00:00:00:01").mtu(index, 1400).address(index, address(3), 24).up(index));
                return null;
            }
        });
        backend = NetworkNamespace.call(namespace, () -> new TapBackend("tap0"));
    }

    @AfterEach
    void close() {
        if (backend != null) {
            backend.close();
        }
        if (namespace != null) {
            namespace.close();
        }
        arena.close();
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 1, 2, (byte) last});
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private MemorySegment segment(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(hex));
    }

    private DatagramSocket socket(int port) throws ErrnoException {
        return NetworkNamespace.call(namespace, () -> {
            try {
                DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address(3), port));
                socket.setSoTimeout(10_000);
                return socket;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void whatTheGuestSendsArrivesWithTheChecksumThatItLeftUndone() throws Exception {
        assertThat(backend.mtu()).isEqualTo(1400);
        assertThat(backend.offloads()).contains(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6);
        try (DatagramSocket socket = socket(7)) {
            assertThat(backend.send(List.of(segment(NOTHING_UNDONE), segment(IP + DATAGRAM)))).as("a wrong checksum: lost").isEqualTo(IoStatus.OK);
            assertThat(backend.send(List.of(segment("0100" + "00000000" + "ffff" + "ffff" + "0000"), segment(IP + DATAGRAM)))).as("a header that lies: lost").isEqualTo(IoStatus.OK);
            assertThat(backend.send(List.of(segment(UNSUMMED), segment(IP), segment(DATAGRAM.replace("6869", "796f"))))).isEqualTo(IoStatus.OK);
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            socket.receive(packet);
            assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII)).isEqualTo("yo");
            assertThat(packet.getSocketAddress()).isEqualTo(new InetSocketAddress(address(9), 9));
        }
    }

    @Test
    void whatTheHostSendsIsReceivedAsFarAsItFits() throws Exception {
        try (DatagramSocket socket = socket(7)) {
            backend.accept(Set.of(Offload.TSO4)); // without checksums: nothing
            socket.send(new DatagramPacket(new byte[] {1, 2, 3}, 3, address(9), 9));
            String question = receive("0806", 100);
            assertThat(question).endsWith("0001080006040001" + HOST_MAC + "0a010203" + "000000000000" + "0a010209");
            backend.send(List.of(segment(NOTHING_UNDONE), segment(HOST_MAC + GUEST_MAC + "0806" + "0001080006040002" + GUEST_MAC + "0a010209" + HOST_MAC + "0a010203")));
            assertThat(receive("0800", 100)).startsWith(NOTHING_UNDONE).endsWith("010203");
            backend.accept(Set.of(Offload.values()));
            socket.send(new DatagramPacket(new byte[] {4, 5, 6}, 3, address(9), 9));
            assertThat(receive("0800", 100)).startsWith("01").endsWith("040506");
            socket.send(new DatagramPacket(new byte[] {7, 8, 9}, 3, address(9), 9));
            assertThat(receive("0800", 43)).hasSize(2 * (HEADER + 43)).endsWith("07");
        }
    }

    /** The next frame of that Ethernet type, in hexadecimal; the host sends others of its own. */
    private String receive(String type, int room) {
        MemorySegment header = arena.allocate(HEADER);
        MemorySegment frame = arena.allocate(room);
        while (true) {
            int n = backend.receive(List.of(header, frame));
            assertThat(n).isPositive();
            String text = HexFormat.of().formatHex(header.toArray(ValueLayout.JAVA_BYTE)) + HexFormat.of().formatHex(frame.asSlice(0, n - HEADER).toArray(ValueLayout.JAVA_BYTE));
            if (text.startsWith(type, 2 * (HEADER + 12))) {
                return text;
            }
        }
    }

    @Test
    void closingWakesWhoReceivesAndLetsTheNextOneTakeItUp() throws Exception {
        assertThatThrownBy(() -> NetworkNamespace.call(namespace, () -> new TapBackend("tap0"))).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
        FutureTask<Integer> last = receiver();
        backend.close();
        backend.close();
        assertThat(last.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
        assertThat(backend.receive(List.of(arena.allocate(100)))).isEqualTo(-1);
        assertThat(backend.send(List.of(segment(NOTHING_UNDONE), segment(IP)))).isEqualTo(IoStatus.IO_ERROR);
        backend = NetworkNamespace.call(namespace, () -> new TapBackend("tap0"));
    }

    @Test
    void aDeletedInterfaceIsTheEndOfTheNetwork() throws Exception {
        FutureTask<Integer> last = receiver();
        try (RouteSocket route = NetworkNamespace.routeSocket(namespace)) {
            route.run(new RouteBatch().deleteLink("tap0"));
        }
        assertThat(last.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
        assertThat(backend.send(List.of(segment(NOTHING_UNDONE), segment(IP)))).isEqualTo(IoStatus.IO_ERROR);
        assertThatThrownBy(() -> NetworkNamespace.call(namespace, () -> new TapBackend("tap0"))).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    /** Receives until the end. */
    private FutureTask<Integer> receiver() {
        FutureTask<Integer> task = new FutureTask<>(() -> {
            int n;
            do {
                n = backend.receive(List.of(arena.allocate(2000)));
            } while (n >= 0);
            return n;
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    @Test
    void aCardsAddressIsOneCardsAlone() {
        assertThat(new MachinePlan.Nic("tap0", "02:54:66:00:0A:ff").address()).containsExactly(2, 0x54, 0x66, 0, 10, 0xff);
        for (String wrong : List.of("01:00:00:00:00:01", "02:00:00:00:01", "", "02-00-00-00-00-01")) {
            assertThatThrownBy(() -> new MachinePlan.Nic("tap0", wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
