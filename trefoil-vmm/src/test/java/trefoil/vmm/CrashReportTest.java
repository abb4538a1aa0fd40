package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a processor that has shut down. */
class CrashReportTest {
    @TempDir
    Path directory;

    private String report(KernelBuilder kernel) throws Exception {
        try (Machine machine = new Machine(new MachinePlan("crash", 16 << 20, kernel.write(directory, "kernel"), null, ""), new Terminal("\0", ""))) {
            assertThat(machine.run().end()).isEqualTo(Machine.End.SHUTDOWN);
            String report = machine.crashReport();
            assertThat(machine.crashReport()).as("told again").isEqualTo(report);
            return report;
        }
    }

    @Test
    void theEndIn64BitModeIsTold() throws Exception {
        KernelBuilder kernel = LongMode.begin().code("48B8 8877665544332211 48BC 00F81F0000000000 50 6A2A F9");
        int end = kernel.here();
        assertThat(report(LongMode.end(kernel.code("0F0B 4889C3 F0480FC118 90 CC C3 FFE0 0F05 F4"))))
                .contains("the processor stopped: SHUTDOWN triple fault: #UD, #GP(33), #DF(0), #GP(43), at rip")
                .contains("at rip %016x in 64-bit mode with paging of 4 levels".formatted(end))
                .contains("rax 1122334455667788")
                .contains("[cf pf sf iopl=0]")
                .contains("cs   0008 base 0000000000000000 limit ffffffff attributes a09b")
                .contains("idtr 0000000000000000 limit 0000")
                .contains("cr3 0000000000120000  cr4 00000020  efer 00000500")
                .contains("%016x: 0f0b                            ud2".formatted(end))
                .contains("%016x: 4889c3                          mov rbx,rax".formatted(end + 2))
                .contains("f0480fc118                      lock xadd QWORD PTR [rax],rbx")
                .contains("  00000000001ff7f0: 000000000000002a 1122334455667788 ");
    }

    @Test
    void theEndIn32BitModeIsTold() throws Exception {
        assertThat(report(new KernelBuilder().code("BC 00002000 68 78563412 0F0B")))
                .contains("32-bit protected mode without paging")
                .contains("0000000000100")
                .contains("ud2")
                .contains("stack, words of 4 octets:\n  00000000001ffffc: 12345678 00000000");
    }

    @Test
    void whatCannotBeReadIsSaid() throws Exception {
        assertThat(report(LongMode.end(LongMode.begin().code("48BC 0000000080FFFFFF 48B8 0000C0FE00000000 FFE0"))))
                .contains("00000000fec00000: (unreadable)")
                .contains("  ffffff8000000000: ???????????????? ????????????????");
        assertThat(report(LongMode.end(LongMode.begin().code("BF").number(LongMode.TABLES, 4).code("31C0 B9 00020000 F348AB 0F20D8 0F22D8")))).contains("(unreadable)");
    }

    @Test
    void theProcessTellsItOnStandardError() throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] arguments = {"--kernel", new KernelBuilder().code("0F0B").write(directory, "kernel").toString(), "--memory", "16"};
        assertThat(Main.run(arguments, InputStream.nullInputStream(), new ByteArrayOutputStream(), new PrintStream(err, true, StandardCharsets.UTF_8))).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("SHUTDOWN triple fault").contains("the processor stopped: SHUTDOWN triple fault: #UD", "0000000000100000: 0f0b", "stack, words of 4 octets:");
    }
}
