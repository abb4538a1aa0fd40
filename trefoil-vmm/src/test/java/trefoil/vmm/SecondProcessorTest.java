package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.vmm.Machine.End;

/** A machine of two processors, of which the first starts the second by INIT and a start-up message and then halts for good: what the second does ends the machine. */
@Timeout(60)
class SecondProcessorTest {
    private static final long APIC = 0xFEE0_0000L;
    private static final int START = 0x8000;
    private static final String HALT = "FA F4 EB FC";

    @TempDir
    Path directory;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "POWERED_OFF, BA 0406 B8 003C EF", // mov dx, PM1a_CNT; mov ax, S5; out dx, ax
        "RESET,       BA F90C B0 06 EE", // mov dx, 0xCF9; mov al, 6; out dx, al
        "SHUTDOWN,    0F 01 1E 00 90 CC" // lidt [0x9000], which is zero; int3
    })
    void theSecondEndsTheMachine(End end, String program) throws Exception {
        KernelBuilder kernel = new KernelBuilder();
        byte[] octets = HexFormat.of().parseHex((program + HALT).replace(" ", ""));
        ByteBuffer words = ByteBuffer.wrap(Arrays.copyOf(octets, 16)).order(ByteOrder.LITTLE_ENDIAN);
        for (int n = 0; n < 16; n += 4) {
            kernel.store(START + n, words.getInt(n));
        }
        kernel.store(APIC + 0x310, 1 << 24).store(APIC + 0x300, 0x4500);
        kernel.store(APIC + 0x310, 1 << 24).store(APIC + 0x300, 0x4600 | START >> 12);
        kernel.code(HALT);
        MachinePlan plan = new MachinePlan("second", 2, 16 << 20, kernel.write(directory, "kernel"), null, "", java.util.List.of(), java.util.List.of());
        try (Machine machine = new Machine(plan, new Terminal("\0", ""))) {
            assertThat(machine.run().end()).isEqualTo(end);
            if (end == End.SHUTDOWN) {
                assertThat(machine.crashReport()).as("the report is of the one that shut down").containsIgnoringCase("800");
            }
            assertThat(machine.run().end()).as("it has ended").isEqualTo(end);
        }
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).noneMatch(name -> name.startsWith("second-vcpu"));
    }

    @Test
    void machinesHaveOneTo64Processors() {
        for (int wrong : new int[] {0, -1, 65}) {
            assertThatThrownBy(() -> new MachinePlan("many", wrong, 16 << 20, directory, null, "", java.util.List.of(), java.util.List.of())).hasMessageContaining(Integer.toString(wrong));
        }
    }
}
