package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk of the state directory is full: one clear error, nothing half-made, and all is well once there is room again. */
@Order(11)
class FullDiskTest {
    private static SmallDisk disk;
    private static Host host;

    @BeforeAll
    static void begin() throws IOException {
        disk = SmallDisk.of(160);
        host = Host.at(Files.createDirectories(disk.root().resolve("s")));
        // What the host keeps for itself is not what is tested here: the disk is to be full under the daemon's work. What is begun
        // ahead of need has its files already.
        Files.writeString(host.directory().resolve("trefoil.conf"), "reserve.disk = 0\nservers.ahead = 0\n");
        host.withBusybox();
    }

    @AfterEach
    void room() {
        disk.empty();
    }

    @AfterAll
    static void end() {
        try {
            host.close();
        } finally {
            disk.close();
        }
    }

    private static void saysFull(Outcome outcome) {
        assertThat(outcome.exits(1).err()).containsAnyOf("disk is full", "disk filled up", "No space left", "database or disk is full", "free above the reserve");
        assertThat(outcome.err()).contains("error: ", "try: ");
    }

    private static void nothingIsHalfMade() throws IOException {
        assertThat(host.names()).isEmpty();
        for (String directory : List.of("servers", "uploads", "images/staging")) {
            assertThat(host.directory().resolve(directory)).as(directory).isEmptyDirectory();
        }
        host.awaitOnly(Set.of(), "on a full disk");
    }

    @Test
    void importAndBuildOfAnImage(@TempDir Path files) throws IOException {
        Path archive = files.resolve("busybox.tar.zst");
        host.trefoil("image", "export", "busybox", archive.toString()).ok();
        int images = host.trefoil("image", "list", "--format", "json").ok().objects().size();
        for (long left : new long[] {0, 600 << 10}) {
            disk.empty();
            disk.fill(left);
            saysFull(host.trefoil("image", "import", archive.toString(), "again"));
            saysFull(host.trefoil("image", "build", "busybox", "--force"));
            assertThat(host.trefoil("image", "list", "--format", "json").ok().objects()).hasSize(images);
            nothingIsHalfMade();
        }
        disk.empty();
        host.trefoil("image", "import", archive.toString(), "again").ok();
        Guest.launch(host, "again", "good").close();
        host.trefoil("image", "delete", "again").ok();
    }

    @Test
    void launch() throws IOException {
        Guest.launch(host, "busybox", "first").close(); // brings the network up
        long daemon = host.daemon();
        int refused = 0;
        for (int kibibytes = 0; kibibytes <= 512 && refused < 8; kibibytes += 12) {
            disk.empty();
            disk.fill(kibibytes << 10);
            Outcome launch = host.trefoil("launch", "busybox", "poor");
            if (launch.status() == 0) {
                break;
            }
            refused++;
            saysFull(launch);
            nothingIsHalfMade();
        }
        assertThat(refused).as("launches for which there was no room").isPositive();
        if (host.names().contains("poor")) {
            disk.fill(0);
            host.trefoil("delete", "poor", "--force").ok();
        }
        disk.empty();
        try (Guest guest = Guest.launch(host, "busybox", "poor", "--disk", "16MiB")) {
            assertThat(guest.sh("echo well")).isEqualTo("well");
        }
        disk.fill(1 << 20);
        assertThat(host.trefoil("launch", "busybox", "poor", "--disk", "16MiB").exits(1).err()).contains("16 MiB of disk", "try: ");
        disk.empty();
        nothingIsHalfMade();
        assertThat(host.daemon()).isEqualTo(daemon);
    }

    /** A server goes on; what it says on its console meanwhile is lost and counted. */
    @Test
    void whileServersRun() {
        try (Guest guest = Guest.launch(host, "busybox", "talks");
                Guest other = Guest.launch(host, "busybox", "waits")) {
            long daemon = host.daemon();
            guest.sh("echo before > /dev/console");
            disk.fill(0);
            guest.sh("for i in $(seq 3000); do echo lost words $i; done > /dev/console");
            assertThat(guest.sh("echo alive")).isEqualTo("alive");
            assertThat(guest.exec("sh", "-c", "dd if=/dev/zero of=/root/x bs=1k count=1").err()).contains("No space left");
            assertThat(host.trefoil("logs", "talks").ok().out()).contains("before");
            host.trefoil("stop", "waits").ok();
            assertThat(other.status()).isEqualTo("stopped");
            host.trefoil("set", "talks", "memory=64MiB").ok();
            disk.empty();
            assertThat(host.daemon()).isEqualTo(daemon);
            guest.sh("echo after > /dev/console");
            Awaitility.await("the log to go on").atMost(Duration.ofSeconds(20)).until(() -> host.trefoil("logs", "talks").ok().out().contains("after"));
            assertThat(host.trefoil("logs", "talks").ok().out()).contains("bytes lost: ");
            host.trefoil("start", "waits").ok();
            assertThat(other.sh("echo back")).isEqualTo("back");
        }
    }

    @Test
    void whenTheNextDaemonStarts() {
        try (Guest guest = Guest.launch(host, "busybox", "lasting")) {
            Object pid = guest.server().get("pid");
            host.killDaemon();
            disk.fill(0);
            Outcome list = host.trefoil("list", "--format", "json");
            if (list.status() != 0) {
                assertThat(list.err()).contains("full");
            }
            disk.empty();
            assertThat(guest.server().get("pid")).isEqualTo(pid);
            assertThat(guest.sh("echo still")).isEqualTo("still");
        }
    }
}
