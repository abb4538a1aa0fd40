package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** How exactly limits are kept. CPU is counted in CPU time, so that a busy machine changes no ratio. */
@Order(15)
class ResourcesTest {
    private static final long MIB = 1L << 20;
    private static final int CPUS = Runtime.getRuntime().availableProcessors();
    private final Host host = Host.shared();

    /** As many endless loops as the host has CPUs. */
    private static void spin(Guest guest) {
        guest.sh("for i in $(seq " + CPUS + "); do (while :; do :; done) >/dev/null 2>&1 </dev/null & done");
    }

    private static void elapse(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** CPUs that a server used during an interval. */
    private static double cpus(java.util.Map<String, Object> before, java.util.Map<String, Object> after) {
        double used = ((Number) after.get("cpuNanos")).doubleValue() - ((Number) before.get("cpuNanos")).doubleValue();
        double millis = ((Number) after.get("at")).doubleValue() - ((Number) before.get("at")).doubleValue();
        return used / (millis * 1e6);
    }

    @Test
    void weightsDivideWhatIsScarceAndWhatIsIdleIsAnybodys() {
        try (Guest light = Guest.launch(host, "busybox", "light", "--cpu-weight", "100");
                Guest heavy = Guest.launch(host, "busybox", "heavy", "--cpu-weight", "300")) {
            spin(light);
            spin(heavy);
            elapse(500);
            var lightBefore = light.usage();
            var heavyBefore = heavy.usage();
            elapse(3500);
            double shared = cpus(lightBefore, light.usage());
            double ratio = cpus(heavyBefore, heavy.usage()) / shared;
            assertThat(ratio).as("CPU time of weight 300 to that of weight 100").isBetween(2.0, 4.5);

            host.trefoil("pause", "heavy").ok();
            var before = light.usage();
            elapse(1500);
            double alone = cpus(before, light.usage());
            assertThat(alone).as("CPUs of the light one alone, %s when it shared them", shared).isGreaterThan(2 * shared);
        }
    }

    @Test
    void aCapOfHalfACpuHolds() {
        try (Guest guest = Guest.launch(host, "busybox", "capped", "--cpus", "0.5")) {
            spin(guest);
            elapse(500);
            var before = guest.usage();
            elapse(2500);
            assertThat(cpus(before, guest.usage())).as("CPUs used").isBetween(0.2, 0.58);
            host.trefoil("set", "capped", "cpus=0.25").ok();
            elapse(300);
            before = guest.usage();
            elapse(2000);
            assertThat(cpus(before, guest.usage())).as("CPUs used under the lower cap").isBetween(0.1, 0.3);
        }
    }

    /** The kernel frees page cache and kills when that is not enough; or the change is refused with numbers. */
    @Test
    void aMemoryCapBelowUseIsMetOrRefused() {
        try (Guest guest = Guest.launch(host, "busybox", "shrink", "--memory", "128MiB")) {
            guest.sh("head -c 50000000 /dev/zero > /dev/shm/held");
            assertThat(guest.usage("memory")).isGreaterThan(47 * MIB);
            Outcome set = host.trefoil("set", "shrink", "memory=24MiB");
            if (set.status() == 0) {
                Awaitility.await("memory to be given back").atMost(Duration.ofSeconds(30)).until(() -> guest.usage("memory") <= 24 * MIB);
            } else {
                assertThat(set.exits(1).err()).contains("cannot lower the memory cap to 24 MiB: ", "MiB are in use", "try: ");
                assertThat(host.query("/1.0/servers/shrink").toString()).as("the cap is as it was").contains("memoryCap=" + 128 * MIB);
            }
            assertThat(guest.sh("echo alive")).isEqualTo("alive");
            assertThat(guest.status()).isEqualTo("running");
        }
    }

    @Test
    void directWritesToTheDiskKeepTheirRate() {
        Outcome launch = host.trefoil("launch", "busybox", "writes", "--io-write", "8MiB/s");
        if (launch.status() != 0) {
            host.trefoil("delete", "writes", "--force");
            assertThat(launch.err()).contains("I/O rates cannot be limited");
            Assumptions.abort("needs a state directory on a block device with I/O throttling: " + launch.err());
        }
        try (Guest guest = Guest.launch(host, "busybox", "free")) {
            String write = "dd if=/dev/zero of=/root/direct bs=1M count=24 oflag=direct 2>&1";
            long begun = System.nanoTime();
            guest.sh(write);
            long unlimited = System.nanoTime() - begun;
            begun = System.nanoTime();
            host.trefoil("exec", "writes", "--", "sh", "-c", write).ok();
            double seconds = (System.nanoTime() - begun) / 1e9;
            assertThat(seconds).as("for 24 MiB at 8 MiB/s; without a limit %s s", unlimited / 1e9).isGreaterThan(2.4);
        } finally {
            host.trefoil("delete", "writes", "--force").ok();
        }
    }

    @Test
    void networkRatesHoldInBothDirections() throws IOException {
        double wanted = 24e6;
        try (Guest guest = Guest.launch(host, "busybox", "slow", "--net-in", "24Mbit/s", "--net-out", "24Mbit/s")) {
            guest.sh("nc -ll -p 7001 -e cat /dev/zero >/dev/null 2>&1 </dev/null &");
            guest.sh("nc -ll -p 7002 -e tee /dev/null >/dev/null 2>&1 </dev/null &");
            try (Socket from = connected(guest, 7001); InputStream in = from.getInputStream()) {
                assertThat(rate(guest, "networkTransmitted", () -> in.read(new byte[65_536]))).as("sent, bit/s").isBetween(wanted * 0.7, wanted * 1.3);
            }
            try (Socket to = connected(guest, 7002); OutputStream out = to.getOutputStream()) {
                Thread.ofVirtual().start(() -> drain(to));
                assertThat(rate(guest, "networkReceived", () -> out.write(new byte[65_536]))).as("received, bit/s").isBetween(wanted * 0.7, wanted * 1.3);
            }
        }
    }

    private static Socket connected(Guest guest, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(guest.address(), port);
        Awaitility.await("port " + port).atMost(Duration.ofSeconds(20)).ignoreException(java.net.ConnectException.class).until(() -> {
            try (Socket probe = new Socket()) {
                probe.connect(address, 1000);
                return true;
            }
        });
        Socket socket = new Socket();
        socket.connect(address, 1000);
        return socket;
    }

    private static void drain(Socket socket) {
        byte[] buffer = new byte[65_536];
        try {
            while (socket.getInputStream().read(buffer) >= 0) {
                // what comes back is not what is measured
            }
        } catch (IOException e) {
            // the test has closed it
        }
    }

    /** Some reading or writing. */
    @FunctionalInterface
    private interface Traffic {
        void once() throws IOException;
    }

    /** Bits per second on the server's link while there is traffic, the first second, which fills buffers, left out. */
    private static double rate(Guest guest, String counter, Traffic traffic) throws IOException {
        during(1000, traffic);
        long before = guest.usage(counter);
        long begun = System.nanoTime();
        during(3000, traffic);
        long bytes = guest.usage(counter) - before;
        return bytes * 8e9 / (System.nanoTime() - begun);
    }

    private static void during(long millis, Traffic traffic) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            traffic.once();
        }
    }
}
