package trefoil.linux.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.event.Poll;
import trefoil.linux.event.Signal;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

@Timeout(20)
class TapTest {
    private static final int HEADER = 12;
    private static final int NEEDS_CHECKSUM = 1;
    private static final String HOST_MAC = "020000000001";
    private static final String GUEST_MAC = "020000000002";
    /** Who has 10.1.2.3? asks 10.1.2.9 (RFC 826). */
    private static final String QUESTION = "ffffffffffff" + GUEST_MAC + "0806" + "0001080006040001" + GUEST_MAC + "0a010209" + "000000000000" + "0a010203";

    private final Arena arena = Arena.ofShared();
    private FileDescriptor namespace;

    @BeforeEach
    void open() throws ErrnoException {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "needs root for network namespaces");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs the kernel's module tun");
        namespace = NetworkNamespace.create();
    }

    @AfterEach
    void close() {
        arena.close();
        if (namespace != null) {
            namespace.close();
        }
    }

    private Tap tap(String name) throws ErrnoException {
        return NetworkNamespace.call(namespace, () -> {
            Tap tap = Tap.open(name);
            tap.headerLength(HEADER);
            return tap;
        });
    }

    private Link link(String name) throws ErrnoException {
        try (RouteSocket route = NetworkNamespace.routeSocket(namespace)) {
            return route.link(name).orElse(null);
        }
    }

    /** 10.1.2.3/24. */
    private void address(String name) throws Exception {
        InetAddress address = InetAddress.getByAddress(new byte[] {10, 1, 2, 3});
        try (RouteSocket route = NetworkNamespace.routeSocket(namespace)) {
            int index = route.link(name).orElseThrow().index();
            route.run(new RouteBatch().hardwareAddress(index, "02:00:00:00:00:01").address(index, address, 24).up(index));
        }
    }

    private MemorySegment segment(String hex) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(hex));
    }

    /** The next frame of that Ethernet type, in hexadecimal; the host sends others of its own. */
    private String frame(Tap tap, String type) throws ErrnoException {
        MemorySegment header = arena.allocate(HEADER);
        MemorySegment first = arena.allocate(20);
        MemorySegment rest = arena.allocate(3000);
        try (Poll poll = new Poll(1)) {
            poll.watch(0, tap.descriptor());
            while (true) {
                int n = tap.read(List.of(header, first, rest));
                if (n == Tap.NOTHING) {
                    assertThat(poll.await(10_000)).as("a frame comes").isTrue();
                    continue;
                }
                String text = hex(header) + hex(first) + hex(rest.asSlice(0, n - HEADER - 20));
                if (text.startsWith(type, 2 * (HEADER + 12))) {
                    return text;
                }
            }
        }
    }

    private static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void frameByFrameGoesEitherWay() throws Exception {
        try (Tap tap = tap("tap0")) {
            address("tap0");
            assertThat(tap.write(List.of(segment("00".repeat(HEADER)), segment(QUESTION.substring(0, 30)), segment(QUESTION.substring(30))))).isEqualTo(HEADER + 42);
            String answer = frame(tap, "0806").substring(2 * HEADER);
            assertThat(answer).isEqualTo(GUEST_MAC + HOST_MAC + "0806" + "0001080006040002" + HOST_MAC + "0a010203" + GUEST_MAC + "0a010209");
        }
    }

    /** RFC 768's checksum over the pseudo header alone is what a frame carries that leaves it undone (virtio 1.2, 5.1.6.2.1). */
    @Test
    void checksumsStayUndoneWhereThatWasAskedFor() throws Exception {
        try (Tap tap = tap("tap0")) {
            address("tap0");
            tap.write(List.of(segment("00".repeat(HEADER)), segment(QUESTION))); // so that the host knows the guest
            frame(tap, "0806");
            send("complete");
            assertThat(frame(tap, "0800")).as("nothing was asked for").startsWith("00").endsWith(ascii("complete"));
            tap.offload(Tap.CHECKSUM | Tap.TSO4 | Tap.TSO6);
            send("undone");
            String undone = frame(tap, "0800");
            assertThat(Integer.parseInt(undone.substring(0, 2), 16) & NEEDS_CHECKSUM).isEqualTo(NEEDS_CHECKSUM);
            assertThat(undone.substring(12, 20)).as("csum_start and csum_offset, little-endian").isEqualTo("22000600");
            assertThat(undone).endsWith(ascii("undone"));
        }
    }

    private void send(String words) throws ErrnoException {
        NetworkNamespace.call(namespace, () -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                byte[] bytes = words.getBytes(StandardCharsets.US_ASCII);
                socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByAddress(new byte[] {10, 1, 2, 9}), 9));
                return null;
            } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String ascii(String words) {
        return HexFormat.of().formatHex(words.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aPersistentOneStaysWithoutCarrierAndIsTakenUpAgain() throws Exception {
        try (Tap tap = tap("tap0")) {
            address("tap0");
            assertThat(link("tap0")).satisfies(link -> assertThat(link.kind()).isEqualTo("tun")).satisfies(link -> assertThat(link.carrier()).isTrue());
            assertThatThrownBy(() -> tap("tap0")).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
            tap.persist();
            tap.owner(0);
        }
        assertThat(link("tap0").carrier()).isFalse();
        try (Tap again = tap("tap0")) {
            again.write(List.of(segment("00".repeat(HEADER)), segment(QUESTION)));
            assertThat(frame(again, "0806")).contains("0a010203");
            assertThat(link("tap0").carrier()).isTrue();
        }
        assertThat(link("tap0")).isNotNull();
    }

    @Test
    void oneThatIsNotPersistentGoesWithItsDescriptor() throws Exception {
        Tap tap = tap("tap1");
        assertThat(link("tap1")).isNotNull();
        tap.close();
        tap.close();
        assertThat(link("tap1")).isNull();
    }

    @Test
    void aDeletedInterfaceAndAWrongHeaderAreErrors() throws Exception {
        try (Tap tap = tap("tap0")) {
            List<MemorySegment> frame = List.of(segment("00".repeat(HEADER)), segment(QUESTION));
            assertThatThrownBy(() -> tap.write(frame)).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).as("down").isEqualTo(Errno.EIO));
            address("tap0");
            List<MemorySegment> wrong = List.of(segment("0100" + "0000" + "0000" + "ffff0000" + "0000"), segment(QUESTION));
            assertThatThrownBy(() -> tap.write(wrong)).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            try (RouteSocket route = NetworkNamespace.routeSocket(namespace)) {
                route.run(new RouteBatch().deleteLink("tap0"));
            }
            assertThatThrownBy(() -> tap.read(frame)).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADFD));
            assertThatThrownBy(() -> tap.write(frame)).isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADFD));
        }
    }

    @Test
    void aSignalEndsAWait() throws Exception {
        try (Tap tap = tap("tap0"); Signal signal = new Signal(); Poll poll = new Poll(2)) {
            poll.watch(0, tap.descriptor());
            poll.watch(1, signal.descriptor());
            Thread.startVirtualThread(signal::give);
            while (!poll.ready(1)) {
                poll.await(10_000);
            }
            signal.clear();
            poll.forget(0);
            assertThat(poll.await(0)).isFalse();
        }
    }

    @Test
    void whatIsNoNameIsRefused() {
        for (String name : List.of("", "a name", "a/b", "sixteen-letters.")) {
            assertThatThrownBy(() -> Tap.open(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
