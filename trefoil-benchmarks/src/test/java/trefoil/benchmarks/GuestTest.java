package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuestTest {
    private static final List<String> WORDS = List.of(
            "/bin/java", "-XX:+UseSerialGC", "-XX:AOTCache=/trefoil/machine.aot", "-p", "/trefoil", "-m", "trefoil.vmm/trefoil.vmm.service.Main",
            "--name", "t", "--vcpus", "1", "--memory", "536870912", "--kernel", "/vmlinuz", "--initrd", "/initrd",
            "--append", "console=ttyS0 trefoil.hostname=t trefoil.ip=10.0.0.2/24 trefoil.gateway=10.0.0.1 trefoil.dns=10.0.0.1 trefoil.domain=x panic=10",
            "--base", "/root.ext4", "--disk", "/disk.qcow2", "--disk-size", "1073741824", "--mac", "52:54:00:00:00:01", "--mtu", "1500", "--control", "/control");

    @Test
    void aMachineIsStartedAsTheDaemonStartedItButForPlacesAndNetwork() throws BenchmarkException {
        assertThat(guest().trefoil(Path.of("/t/d.qcow2"), Path.of("/t/c"))).containsExactly(
                System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-XX:AOTCache=/program/trefoil/machine.aot", "-p", "/program/trefoil", "-m", "trefoil.vmm/trefoil.vmm.service.Main",
                "--name", "t", "--vcpus", "1", "--memory", "536870912", "--kernel", "/kernels/vmlinuz", "--initrd", "/kernels/initrd",
                "--append", "console=ttyS0 trefoil.hostname=t panic=10",
                "--base", "/machine/root.ext4", "--disk", "/t/d.qcow2", "--disk-size", "1073741824", "--mac", "", "--mtu", "1500", "--control", "/t/c");
    }

    @Test
    void thePeerGetsTheSameKernelLineMemoryAndDisk() throws BenchmarkException {
        List<String> command = guest().qemu(Path.of("/t/q.qcow2"));
        assertThat(command).startsWith("qemu-system-x86_64", "-accel", "tcg")
                .containsSequence("-m", "512M")
                .containsSequence("-smp", "1")
                .containsSequence("-kernel", "/kernels/vmlinuz")
                .containsSequence("-initrd", "/kernels/initrd")
                .containsSequence("-append", "console=ttyS0 trefoil.hostname=t panic=10")
                .containsSequence("-drive", "file=/t/q.qcow2,format=qcow2,if=none,id=root");
        assertThat(guest().base()).isEqualTo(Path.of("/machine/root.ext4"));
        assertThat(guest().diskSize()).isEqualTo(1L << 30);
    }

    @Test
    void aCommandLineOfAnotherKindIsRefused() {
        List<String> odd = new ArrayList<>(WORDS);
        odd.removeLast();
        List<String> lacking = WORDS.subList(0, WORDS.size() - 2);
        for (List<String> words : List.of(List.<String>of(), List.of("/sbin/init"), odd, lacking)) {
            assertThatExceptionOfType(BenchmarkException.class).isThrownBy(() -> Guest.of(words, Path.of("/program"), Path.of("/kernels"), Path.of("/machine"))).withMessageContaining("does not know");
        }
    }

    private static Guest guest() throws BenchmarkException {
        return Guest.of(WORDS, Path.of("/program"), Path.of("/kernels"), Path.of("/machine"));
    }
}
