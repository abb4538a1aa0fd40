package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** State that somebody damaged: the real command says what is wrong and what to do, and nothing whole is lost. */
@Order(13)
class DamagedHostTest {
    private static Host host;
    private static Guest runs;
    private static Guest stands;
    private static Object pid;

    @BeforeAll
    static void begin() {
        host = Host.apart();
        runs = Guest.launch(host, "busybox", "runs");
        stands = Guest.launch(host, "busybox", "stands");
        stands.sh("echo precious > /root/data");
        pid = runs.server().get("pid");
    }

    @BeforeEach
    void stop() {
        host.trefoil("stop", "stands", "--force").ok();
    }

    @AfterAll
    static void end() {
        try {
            runs.close();
            stands.close();
        } finally {
            host.close();
        }
    }

    private void allIsWell() {
        assertThat(host.names()).containsExactly("runs", "stands");
        assertThat(runs.server()).containsEntry("status", "running").containsEntry("pid", pid);
        assertThat(runs.sh("echo alive")).isEqualTo("alive");
        host.trefoil("start", "stands").ok();
        assertThat(stands.sh("cat /root/data")).isEqualTo("precious");
    }

    private void refused(String... words) {
        assertThat(host.trefoil("list").exits(1).err()).contains(words).contains("error: ", "try: ");
        assertThat(Path.of("/proc/" + ((Number) pid).longValue())).as("the server that runs").exists();
    }

    @Test
    void theDatabase() throws IOException {
        Path file = host.directory().resolve("trefoil.db");
        host.killDaemon();
        List<Path> log = List.of(Path.of(file + "-wal"), Path.of(file + "-shm"));
        byte[] database = Files.readAllBytes(file);
        List<byte[]> rest = List.of(Files.readAllBytes(log.getFirst()), Files.readAllBytes(log.getLast()));
        for (Path part : log) {
            Files.delete(part);
        }
        Files.writeString(file, "this is no database".repeat(1000));
        refused("trefoil.db is damaged", ".recover", "running servers go on");
        Files.write(file, new byte[0]);
        refused("the database is new", "runs, stands", "Nothing was touched");
        Files.write(file, database);
        for (Path part : log) {
            Files.write(part, rest.get(log.indexOf(part)));
        }
        allIsWell();
    }

    @Test
    void anImage() throws IOException {
        Path record;
        try (Stream<Path> records = Files.list(host.directory().resolve("images/images"))) {
            record = records.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(record);
        host.killDaemon();
        Files.write(record, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThat(runs.server()).containsEntry("status", "running").containsEntry("pid", pid);
        assertThat(runs.sh("ls /bin/busybox")).isEqualTo("/bin/busybox");
        assertThat(host.trefoil("start", "stands").exits(1).err()).contains("stands is made from", "try: ");
        assertThat(host.log()).contains(record.getFileName() + ".damaged is set aside");
        host.killDaemon();
        Files.write(record, whole);
        allIsWell();
    }

    @Test
    void aLayer() throws IOException {
        Path layer;
        try (Stream<Path> layers = Files.list(host.directory().resolve("images/layers"))) {
            layer = layers.findFirst().orElseThrow();
        }
        Path away = Files.move(layer, host.directory().resolve("away"));
        assertThat(host.trefoil("start", "stands").exits(1).err()).contains(layer.getFileName().toString(), "try: ");
        assertThat(stands.status()).isEqualTo("stopped");
        host.killDaemon();
        assertThat(host.trefoil("start", "stands").exits(1).err()).contains("error: ", "try: ");
        host.killDaemon();
        Files.move(away, layer);
        allIsWell();
    }

    @Test
    void theRunDirectoryAndLongPaths() throws IOException {
        try (Host other = Host.at(host.directory().resolve("other"))) {
            Path run = Files.createDirectories(other.directory()).resolve("run");
            Files.writeString(run, "no directory");
            assertThat(other.trefoil("list").exits(1).err()).contains("error: ", run.toString(), "Not a directory");
            Files.delete(run);
            Files.createDirectory(run);
            host.run(List.of("mount", "-t", "tmpfs", "-o", "ro", "trefoil-read-only", run.toString()), new byte[0]).ok();
            assertThat(other.trefoil("list").exits(1).err()).contains("error: ", run.toString(), "Read-only file system", "try: ");
            host.run(List.of("umount", run.toString()), new byte[0]).ok();
            assertThat(other.names()).isEmpty();
        }
        Path deep = host.directory().resolve("d".repeat(100));
        ProcessBuilder far = host.builder(List.of(Host.home().resolve("bin/trefoil").toString(), "list"));
        far.environment().put("TREFOIL_DIR", deep.toString());
        Outcome list = Host.run(far, new byte[0]);
        assertThat(list.exits(1).err()).contains("107 octets", "choose a shorter TREFOIL_DIR");
        allIsWell();
    }
}
