package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Servers on networks: names, isolation, forwarded ports. */
@Order(4)
class NetworkTest {
    private final Host host = Host.shared();

    @Test
    void neighboursFindEachOtherByName() {
        try (Guest one = Guest.launch(host, "busybox", "near1");
                Guest two = Guest.launch(host, "busybox", "near2")) {
            assertThat(one.sh("ping -4 -c 1 -W 5 near2")).contains(two.address());
            assertThat(two.sh("ping -4 -c 1 -W 5 near1")).contains(one.address());
        }
    }

    @Test
    void networksAreIsolatedFromEachOther() {
        host.trefoil("network", "create", "apart").ok();
        try (Guest inside = Guest.launch(host, "busybox", "in1");
                Guest apart = Guest.launch(host, "busybox", "in2", "--network", "apart")) {
            assertThat(host.trefoil("network", "delete", "apart").exits(1).err()).contains("in2");
            inside.exec("ping", "-c", "1", "-W", "2", apart.address()).exits(1);
        } finally {
            host.trefoil("network", "delete", "apart").ok();
        }
    }

    @Test
    void aForwardedPortReachesTheServer() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (Guest guest = Guest.launch(host, "busybox", "door", "--publish", "127.0.0.1:" + port + ":8080")) {
            guest.sh("nc -ll -p 8080 -e echo through the door >/dev/null 2>&1 </dev/null &");
            Awaitility.await("the forwarded port to answer")
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> "through the door".equals(received(port)));
        }
    }

    @Test
    void aServerWithoutNetworkHasLoopbackOnly() {
        try (Guest guest = Guest.launch(host, "busybox", "alone", "--network", "none")) {
            assertThat(guest.sh("ls /sys/class/net")).isEqualTo("lo");
        }
    }

    private static String received(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
            socket.setSoTimeout(2_000);
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(16), StandardCharsets.UTF_8);
        }
    }
}
