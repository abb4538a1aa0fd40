package trefoil.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rates of TCP connections against the limits asked for. */
class RatesTest {
    private static final double FRAME_PER_PAYLOAD = 1514.0 / 1448.0; // Ethernet, IPv4 and TCP headers with timestamps
    private static final Percentage TOLERANCE = Percentage.withPercentage(15);

    private Sandbox sandbox;
    private NetworkSpec net;

    @BeforeEach
    void open() throws Exception {
        sandbox = new Sandbox();
        net = sandbox.up("default");
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
    }

    /** Bits per second on the wire from one server to another, in the second after the buckets' first burst. */
    private double measure(Sandbox.Guest from, Sandbox.Guest to) throws Exception {
        try (ServerSocket listener = sandbox.in(to.namespace(), () -> new ServerSocket(7000));
                Socket sender = sandbox.in(from.namespace(), () -> {
                    Socket socket = new Socket();
                    socket.connect(new InetSocketAddress(InetAddress.ofLiteral(to.ipv4()), 7000), 2000);
                    return socket;
                });
                Socket receiver = listener.accept()) {
            Thread pump = Thread.ofPlatform().daemon().start(() -> pour(sender));
            InputStream in = receiver.getInputStream();
            count(in, TimeUnit.MILLISECONDS.toNanos(300));
            double rate = count(in, TimeUnit.MILLISECONDS.toNanos(900));
            receiver.shutdownInput();
            sender.shutdownOutput(); // ends the pump
            pump.join();
            return rate;
        }
    }

    private static void pour(Socket socket) {
        try {
            OutputStream out = socket.getOutputStream();
            byte[] block = new byte[65536];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // the receiver has enough
        }
    }

    private static double count(InputStream in, long nanos) throws Exception {
        byte[] block = new byte[65536];
        long start = System.nanoTime();
        long bytes = 0;
        while (System.nanoTime() - start < nanos) {
            bytes += in.read(block);
        }
        return bytes * 8 * FRAME_PER_PAYLOAD / ((System.nanoTime() - start) / 1e9);
    }

    @Test
    void ratesHoldInBothDirectionsAndChangeAtRunTime() throws Exception {
        Sandbox.Guest limited = sandbox.guest(net, "limited", Set.of(), new Rates(40_000_000L, 20_000_000L));
        Sandbox.Guest free = sandbox.guest(net, "free", Set.of(limited.ipv4()));
        assertThat(measure(free, limited)).as("received").isCloseTo(40e6, TOLERANCE);
        assertThat(measure(limited, free)).as("transmitted").isCloseTo(20e6, TOLERANCE);

        sandbox.onHost(() -> sandbox.networks.rates(limited.attachment(), new Rates(null, 100_000_000L)));
        assertThat(measure(limited, free)).as("transmitted, changed").isCloseTo(100e6, TOLERANCE);
        assertThat(measure(free, limited)).as("received, freed").isGreaterThan(150e6);

        sandbox.onHost(() -> sandbox.networks.rates(limited.attachment(), Rates.NONE));
        assertThat(measure(limited, free)).as("transmitted, freed").isGreaterThan(200e6);
        assertThat(sandbox.must(sandbox.host, "ip", "-o", "link", "show")).doesNotContain(" ti" + sandbox.tag);
    }

    @Test
    void theServerCannotLiftItsLimit() throws Exception {
        Sandbox.Guest limited = sandbox.guest(net, "limited", Set.of(), new Rates(null, 20_000_000L));
        Sandbox.Guest free = sandbox.guest(net, "free", Set.of(limited.ipv4()));
        for (String[] attempt : new String[][] {
            {"tc", "qdisc", "replace", "dev", "eth0", "root", "pfifo"},
            {"tc", "qdisc", "delete", "dev", "eth0", "root"},
            {"ip", "link", "set", "eth0", "txqueuelen", "100000"},
            {"ip", "link", "set", "eth0", "mtu", "9000"}
        }) {
            sandbox.command(limited.namespace(), attempt);
        }
        assertThat(measure(limited, free)).isCloseTo(20e6, TOLERANCE);
    }

    @Test
    void absurdRatesAreRefused() {
        Attachment nobody = new Attachment("default", "x", "tf" + sandbox.tag + "0000000", "02:00:00:00:00:09", null, null);
        assertThatThrownBy(() -> sandbox.networks.rates(nobody, new Rates(0L, null)))
                .isInstanceOf(NetworkException.class).hasMessageContaining("too low");
        assertThatThrownBy(() -> sandbox.networks.rates(nobody, new Rates(null, -1L)))
                .isInstanceOf(NetworkException.class).hasMessageContaining("too low");
    }
}
