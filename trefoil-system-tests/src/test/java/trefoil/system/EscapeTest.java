package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published ways out of containers, tried by root of a real Debian server, with another server beside it. */
@Order(9)
class EscapeTest {
    private static final Host HOST = Host.shared();
    private static Guest neighbour;
    private static Guest guest;

    @BeforeAll
    static void launch() {
        neighbour = Guest.launch(HOST, "busybox", "victim");
        guest = Guest.launch(HOST, "debian:12", "hostile", "--memory", "1GiB");
    }

    @AfterAll
    static void delete() {
        guest.close();
        neighbour.close();
    }

    private static void program(String name) throws IOException {
        try (InputStream in = EscapeTest.class.getResourceAsStream(name)) {
            guest.exec(in.readAllBytes(), "sh", "-c", "cat > /root/" + name).ok();
        }
    }

    /**
     * Modules, kexec, bpf, perf, keyrings, Shocker (open_by_handle_at), clocks, device nodes, user namespaces, limits, kernel
     * file systems, and the kernel's switches: core_pattern, modprobe, sysrq and others of /proc/sys.
     */
    @Test
    void theKernelRefusesEveryAttack() throws IOException {
        program("attacks.pl");
        List<String> answers = guest.sh("perl /root/attacks.pl").lines().toList();
        assertThat(answers).hasSizeGreaterThan(50).noneMatch(line -> line.endsWith("SUCCEEDED"));
        assertThat(answers).allMatch(line -> line.matches("[^:]+: E[A-Z]+"));
    }

    /** CVE-2024-21626, by the option and by the home that a hostile image gives its root. */
    @Test
    void aDescriptorOfTheHostIsNoWorkingDirectory() {
        for (int n : new int[] {3, 9, 11, 256, 258, 261, 264}) {
            HOST.trefoil("exec", "-w", "/proc/self/fd/" + n, "hostile", "--", "pwd").exits(127);
        }
        guest.sh("cp /etc/passwd /root/passwd; sed -i 's,^root:.*,root:x:0:0::/proc/self/fd/258:/bin/sh,' /etc/passwd");
        assertThat(guest.exec("pwd").ok().out()).isEqualTo("/\n");
        guest.sh("cp /root/passwd /etc/passwd");
        assertThat(guest.sh("ls /proc/$$/fd; true")).isEqualTo("0\n1\n2");
    }

    /** A hostile init that waits for joining processes (CVE-2016-9962, CVE-2019-5736): none of theirs can be read. */
    @Test
    void aJoiningProcessCannotBeRead() throws IOException {
        program("watcher.pl");
        guest.sh("rm -f /tmp/stop");
        CompletableFuture<String> watcher = CompletableFuture.supplyAsync(() -> guest.sh("perl /root/watcher.pl"));
        for (int i = 0; i < 8; i++) {
            guest.exec("true").ok();
        }
        guest.sh("touch /tmp/stop");
        assertThat(watcher.join()).startsWith("watched ");
    }

    /** cgroup version 1 mounted inside: no release_agent (CVE-2022-0492), no limit raised, no group made. */
    @Test
    void controlGroupsMountedInsideAreReadOnly() {
        String script = "mkdir -p /mnt/g; for c in memory pids cpu devices freezer; do mount -t cgroup -o $c x /mnt/g 2>/dev/null || continue;"
                + " echo mounted; (echo /x > /mnt/g/release_agent) 2>/dev/null && echo AGENT; mkdir /mnt/g/sub 2>/dev/null && echo MADE;"
                + " find /mnt/g -type f -writable; umount /mnt/g; done";
        assertThat(guest.sh(script).lines()).allMatch("mounted"::equals);
        assertThat(guest.sh("find /sys/fs/cgroup -maxdepth 1 -type f -writable ! -name 'cgroup.*' ! -name '*.pressure'")).isEmpty();
    }

    /** CVE-2025-31133, CVE-2025-52565, CVE-2025-52881: what covers files of the kernel guards nothing that the kernel does not. */
    @Test
    void uncoveredFilesOfTheKernelStayShut() {
        guest.sh("for f in /proc/sysrq-trigger /proc/keys /proc/timer_list /proc/kcore /sys/firmware /proc/meminfo; do umount $f 2>/dev/null; done; true");
        String script = "mount -t proc p /mnt && for f in sysrq-trigger sys/kernel/core_pattern meminfo kcore sys/vm/drop_caches; do"
                + " (echo h > /mnt/$f) 2>/dev/null && echo WROTE $f; done; cat /mnt/kcore /mnt/timer_list /mnt/kmsg 2>/dev/null | head -c 1; umount /mnt";
        assertThat(guest.sh(script)).isEmpty();
    }

    @Test
    void mountsInsideAreNotSeenOutside() throws IOException {
        guest.sh("mkdir -p /mnt/inside && mount --make-rshared / && mount -t tmpfs trefoil-inside /mnt/inside");
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("trefoil-inside");
        assertThat(neighbour.sh("cat /proc/self/mountinfo")).doesNotContain("trefoil-inside");
        guest.sh("umount /mnt/inside");
    }

    /** TIOCSTI types into a terminal for its user (CVE-2017-5226); TIOCLINUX pastes (CVE-2023-28100). */
    @Test
    void nothingIsTypedIntoTerminals() {
        String script = "open(my $t, '+<', '/dev/console') or die $!; my $c = 'x'; my $d = pack('C2', 2, 3);"
                + " print ioctl($t, 0x5412, $c) || ioctl($t, 0x100005412, $c) || ioctl($t, 0x541C, $d) ? 'typed' : 'refused';";
        assertThat(guest.exec("perl", "-e", script).ok().out()).isEqualTo("refused");
    }

    @Test
    void filesThatArePushedAndPulledStayInside(@TempDir Path directory) throws IOException {
        Path source = Files.writeString(directory.resolve("source"), "pushed\n");
        String name = "trefoil-pushed-" + HOST.directory().getFileName();
        guest.sh("ln -sfn /../../../../../../../tmp /root/up; ln -sf ../../../../../../../etc/hostname /root/name; ln -sf /proc/1/root/etc/hostname /root/magic; mkfifo /root/fifo");
        HOST.trefoil("file", "push", source.toString(), "hostile:/root/up/" + name).ok();
        assertThat(Path.of("/tmp", name)).doesNotExist();
        assertThat(guest.sh("cat /tmp/" + name)).isEqualTo("pushed");
        assertThat(HOST.trefoil("file", "pull", "hostile:/root/name", "-").ok().out()).isEqualTo("hostile\n");
        HOST.trefoil("file", "pull", "hostile:/root/magic", "-").exits(1);
        HOST.trefoil("file", "pull", "hostile:/root/fifo", "-").exits(1);
        HOST.trefoil("file", "pull", "hostile:/proc/1/environ", "-").exits(1);
    }

    /** A device node in an image is the host's device to whoever may open it. */
    @Test
    void deviceNodesOfAnImageAreNoDevices(@TempDir Path directory) throws IOException {
        Path archive = directory.resolve("image.tar");
        String tar = "cd / && tar -cf - $(ls | grep -v -x -e proc -e sys -e dev -e run)";
        Files.write(archive, neighbour.exec("sh", "-c", tar).ok().octets());
        Path node = directory.resolve("planted");
        assertThat(HOST.run(List.of("mknod", "-m", "666", node.toString(), "c", "1", "5"), new byte[0]).status()).isZero();
        HOST.run(List.of("tar", "-C", directory.toString(), "-rf", archive.toString(), "planted"), new byte[0]).ok();
        HOST.trefoil("image", "import", archive.toString(), "planted").ok();
        try (Guest planted = Guest.launch(HOST, "planted", "planted")) {
            assertThat(planted.sh("head -c 1 /planted 2>/dev/null | wc -c").strip()).isEqualTo("0");
        } finally {
            HOST.trefoil("image", "delete", "planted").ok();
        }
    }

    /** A program with the set-user-ID bit of root inside is out of the reach of the host's users; so are secrets in the database. */
    @Test
    void filesOfServersAreOutOfTheReachOfTheHostsUsers() throws IOException {
        guest.sh("cp /bin/true /usr/local/bin/raise && chmod 4755 /usr/local/bin/raise");
        for (String secret : List.of("servers/hostile", "images", "trefoil.db")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(HOST.directory().resolve(secret))))
                    .as(secret)
                    .endsWith("------");
        }
    }

    /** Signals and sockets end at the namespaces: other processes have no number, abstract sockets no name. */
    @Test
    void processesAndSocketsOfOthersAreOutOfReach() {
        guest.exec("kill", "-0", Long.toString(HOST.daemon())).exits(1);
        List<String> abstractSockets = neighbour.sh("cat /proc/net/unix").lines().filter(line -> line.contains(" @")).toList();
        assertThat(guest.sh("cat /proc/net/unix")).doesNotContain("/tmp/trefoil-t");
        assertThat(abstractSockets).isEmpty();
    }
}
