package trefoil.linux.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class CapabilityTest {
    @Test
    void numbersAreTheKernels() throws Exception {
        assertThat(Capability.CAP_SYS_ADMIN.ordinal()).isEqualTo(21);
        assertThat(Capability.CAP_SETFCAP.ordinal()).isEqualTo(31);
        assertThat(Capability.CAP_CHECKPOINT_RESTORE.ordinal()).isEqualTo(40);
        // Files.readString reads a file of size 0 byte by byte, and a sysctl gives no second byte
        int last = Integer.parseInt(
                Files.readAllLines(Path.of("/proc/sys/kernel/cap_last_cap")).getFirst());
        assertThat(Capability.values().length - 1).isLessThanOrEqualTo(last);
    }

    @Test
    void masksGoThereAndBack() {
        EnumSet<Capability> some = EnumSet.of(Capability.CAP_CHOWN, Capability.CAP_BPF);
        assertThat(Capability.mask(some)).isEqualTo(1L | 1L << 39);
        assertThat(Capability.of(Capability.mask(some))).isEqualTo(some);
        assertThat(Capability.of(-1L)).isEqualTo(EnumSet.allOf(Capability.class));
        assertThat(Capability.all()).isEqualTo(0x1FFFFFFFFFFL);
    }

    @Test
    void rootInsideAdministersButItsOwnMachineOnly() {
        assertThat(Capability.of(Capability.inside()))
                .contains(
                        Capability.CAP_SYS_ADMIN,
                        Capability.CAP_NET_ADMIN,
                        Capability.CAP_SYS_BOOT,
                        Capability.CAP_MKNOD,
                        Capability.CAP_SYS_PTRACE,
                        Capability.CAP_AUDIT_WRITE)
                .doesNotContain(
                        Capability.CAP_SYS_MODULE,
                        Capability.CAP_SYS_TIME,
                        Capability.CAP_SYS_RAWIO,
                        Capability.CAP_SYSLOG,
                        Capability.CAP_MAC_ADMIN);
    }
}
