package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Servers of kind {@code para}: virtual machines on the software processor, through the same commands as all servers. */
@Order(7)
class MachineTest {
    private final Host host = Host.shared();

    @Test
    void aMachineIsAServerLikeAnother() {
        try (Guest machine = Guest.launch(host, "busybox", "vm1", "--kind", "para", "--memory", "128MiB");
                Guest neighbour = Guest.launch(host, "busybox", "next")) {
            assertThat(machine.row()).containsEntry("kind", "para").containsEntry("status", "running");
            itHasAKernelOfItsOwn(machine);
            commandsHaveStreamsAndStatus(machine);
            neighboursFindEachOther(machine, neighbour);
            theDaemonMayDie(machine);
            itPausesAndPowersOff(machine);
        }
    }

    private void itHasAKernelOfItsOwn(Guest machine) {
        assertThat(machine.sh("uname -n; uname -v")).startsWith("vm1").contains("Debian");
        assertThat(machine.sh("cat /proc/sys/kernel/random/boot_id")).isNotEqualTo(host.run(java.util.List.of("cat", "/proc/sys/kernel/random/boot_id"), new byte[0]).ok().out().strip());
        assertThat(machine.sh("dmesg | grep -ciE 'BUG:|WARNING:|Oops' || true")).isEqualTo("0");
        assertThat(Integer.parseInt(machine.sh("free -m | sed -n 's/^Mem: *\\([0-9]*\\).*/\\1/p'"))).isBetween(80, 128);
    }

    private static void commandsHaveStreamsAndStatus(Guest machine) {
        Outcome both = machine.exec("sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(both.status()).isEqualTo(7);
        assertThat(both.out()).isEqualTo("out\n");
        assertThat(both.err()).contains("err");
        assertThat(machine.exec("echo", "it's $HOME; \\n\nend").ok().out()).isEqualTo("it's $HOME; \\n\nend\n");
        byte[] much = new byte[300_000];
        new Random(1).nextBytes(much);
        for (int n = 0; n < much.length; n++) {
            much[n] = (byte) (much[n] & 0x3f | 0x20);
        }
        assertThat(machine.exec(much, "cat").ok().out().getBytes(StandardCharsets.UTF_8)).isEqualTo(Arrays.copyOf(much, much.length));
    }

    private static void neighboursFindEachOther(Guest machine, Guest neighbour) {
        assertThat(machine.sh("ping -c 1 -W 5 next")).contains("1 packets received");
        assertThat(neighbour.sh("ping -c 1 -W 5 vm1")).contains("1 packets received");
        assertThat(machine.sh("ip -4 addr show eth0")).contains(machine.address());
    }

    private void theDaemonMayDie(Guest machine) {
        String boot = machine.sh("cat /proc/sys/kernel/random/boot_id");
        machine.sh("echo kept > /root/file; sync; echo said before > /dev/console");
        host.killDaemon();
        assertThat(machine.status()).isEqualTo("running");
        assertThat(machine.sh("cat /proc/sys/kernel/random/boot_id")).isEqualTo(boot);
        assertThat(host.trefoil("logs", machine.name()).ok().out()).contains("said before");
    }

    private void itPausesAndPowersOff(Guest machine) {
        host.trefoil("pause", machine.name()).ok();
        assertThat(machine.exec("true").status()).isNotZero();
        host.trefoil("resume", machine.name()).ok();
        machine.sh("true");
        host.trefoil("stop", machine.name()).ok();
        assertThat(machine.status()).isEqualTo("stopped");
        aLostDiskIsNotHidden(machine);
        host.trefoil("start", machine.name()).ok();
        machine.awaitUsable();
        assertThat(machine.sh("cat /root/file")).isEqualTo("kept");
    }

    private void aLostDiskIsNotHidden(Guest machine) {
        Path disk = host.directory().resolve("servers").resolve(machine.name()).resolve("upper/disk.qcow2");
        Path away = disk.resolveSibling("away");
        try {
            Files.move(disk, away);
            assertThat(host.trefoil("start", machine.name()).exits(1).err()).contains("is gone", disk.toString());
            Files.move(away, disk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatAMachineCannotBeGivenIsRefused() {
        assertThat(host.trefoil("launch", "busybox", "bad1", "--kind", "para", "--memory", "16MiB").exits(1).err()).contains("limits.memoryCap", "96 MiB");
        assertThat(host.trefoil("launch", "busybox", "bad2", "--kind", "para", "--", "/bin/true").exits(1).err()).contains("command", "--kind os");
        assertThat(host.trefoil("launch", "busybox", "bad3", "--kind", "full").exits(1).err()).contains("full");
        assertThat(host.trefoil("list", "--format", "json").ok().out()).doesNotContain("bad");
    }
}
