package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.vmm.Machine.End;
import trefoil.x86.state.CpuState;

/** Kernels that are broken or mean harm: each ends in what the guest itself sees, or in one clear error, and in bounded time. */
class MachineFaultTest {
    private static final long MIB = 1 << 20;
    private static final int RAX = 0;
    private static final int RBP = 5;
    /** MOV EBP, MARK; UD2, which no table of interrupts answers: it came to its end. */
    private static final String COMPLETE = "BD 0D600D60 0F0B";
    private static final long MARK = 0x600D_600DL;
    private static final int LONGEST_SECONDS = 30;

    @TempDir
    Path directory;

    /** How a machine ended, and its processor then. */
    private record Ended(Machine.Outcome outcome, CpuState processor) {
        boolean isComplete() {
            return outcome.end() == End.SHUTDOWN && processor.general().get(RBP) == MARK;
        }
    }

    /** Runs a kernel; one that does not end in this time is stopped, and must obey. */
    private Ended run(KernelBuilder kernel, long milliseconds) throws Exception {
        return run(kernel, milliseconds, machine -> {});
    }

    private Ended run(KernelBuilder kernel, long milliseconds, Consumer<Machine> meanwhile) throws Exception {
        MachinePlan plan = new MachinePlan("fault", 16 * MIB, kernel.write(directory, "kernel"), null, "");
        try (Machine machine = new Machine(plan, new Terminal("\0", ""))) {
            CompletableFuture<Machine.Outcome> outcome = new CompletableFuture<>();
            Thread runner = Thread.ofPlatform().uncaughtExceptionHandler((thread, broken) -> outcome.completeExceptionally(broken)).start(() -> outcome.complete(machine.run()));
            meanwhile.accept(machine);
            try {
                outcome.get(milliseconds, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                machine.stop();
            }
            Machine.Outcome how = outcome.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            runner.join();
            return new Ended(how, machine.processor());
        }
    }

    // ---- ends that are ordered ----

    @Test
    void aTripleFaultIsAShutdown() throws Exception {
        assertThat(run(new KernelBuilder().code(COMPLETE), 10_000).isComplete()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EB FE", "FA F4 EB FC", "FB F4 EB FC", "F3 90 EB FC"})
    void anEndlessKernelIsStopped(String code) throws Exception {
        Ended ended = run(new KernelBuilder().code(code), 10_000, machine -> {
            while (machine.statistics().instructions() == 0) {
                Thread.onSpinWait();
            }
            machine.stop();
        });
        assertThat(ended.outcome().end()).isEqualTo(End.STOPPED);
    }

    @Test
    void aMachineThatWasStoppedBeforeItRanEndsAtOnce() throws Exception {
        Path kernel = new KernelBuilder().code("EB FE").write(directory, "kernel");
        try (Machine machine = new Machine(new MachinePlan("fault", 16 * MIB, kernel, null, ""), new Terminal("\0", ""))) {
            machine.stop();
            assertThat(machine.run().end()).isEqualTo(End.STOPPED);
        }
    }

    @Test
    void softOffIsTakenFromThePowerManagementRegister() throws Exception {
        assertThat(run(new KernelBuilder().powerOff().code("EB FE"), 10_000).outcome().end()).isEqualTo(End.POWERED_OFF);
    }

    // ---- ports ----

    /** Ports that reset or power off, or name others anew: i8042, port 92, PM1 control, reset control, PCI configuration data. */
    private static BitSet ending(int size) {
        BitSet ports = new BitSet(0x1_0000);
        for (int port : new int[] {0x60, 0x64, 0x92, 0x604, 0x605, 0xCF9, 0xCFC, 0xCFD, 0xCFE, 0xCFF}) {
            ports.set(Math.max(0, port - size + 1), port + 1);
        }
        return ports;
    }

    private static KernelBuilder everyPort(int size, int seed) {
        String prefix = size == 2 ? "66" : "";
        String out = size == 1 ? "EE" : prefix + "EF";
        String in = size == 1 ? "EC" : prefix + "ED";
        int step = out.length() / 2;
        KernelBuilder kernel = new KernelBuilder().code("31D2 BB").number(seed, 4);
        int loop = kernel.here();
        kernel.code("69DB 6D4EC641 81C3 39300000 89D8");               // the next random number, in EAX too
        kernel.code("0FA315").number(KernelBuilder.BASE + 0x1000, 4);   // BT of the port in the map
        kernel.code("72").number(step, 1).code(out).code(in);           // JC over OUT; IN
        kernel.code("42 81FA 00000100 0F85").number(loop - (kernel.here() + 4), 4);
        kernel.code(COMPLETE).upTo(KernelBuilder.BASE + 0x1000);
        byte[] map = Arrays.copyOf(ending(size).toByteArray(), 0x2000);
        for (byte octets : map) {
            kernel.number(octets, 1);
        }
        return kernel;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "4, 3", "1, 4", "2, 5", "4, 6"})
    void allPortsTakeAnythingInAnySize(int size, int seed) throws Exception {
        Ended ended = run(everyPort(size, seed), 20_000);
        assertThat(ended.isComplete()).as("%s at port 0x%x", ended.outcome(), ended.processor().general().get(2)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void anythingInConfigurationSpaceIsSurvived(int seed) throws Exception {
        KernelBuilder kernel = new KernelBuilder().code("B9 204E0000 BB").number(seed, 4);
        int loop = kernel.here();
        kernel.code("69DB 6D4EC641 81C3 39300000 89D8 25 FCFF0000 0D 00000080 66BAF80C EF");   // an address on bus 0
        kernel.code("69DB 6D4EC641 81C3 39300000 89D8 66BAFC0C EF ED 49 0F85").number(loop - (kernel.here() + 4), 4);
        Ended ended = run(kernel.code(COMPLETE), 20_000);
        // It may have moved the power management's registers onto the ports that it writes.
        assertThat(ended.isComplete() || ended.outcome().end() == End.POWERED_OFF).as("%s", ended.outcome()).isTrue();
    }

    // ---- memory that is none ----

    private static final long[] WINDOWS = {0xFEC0_0000L, 0xFED0_0000L, 0xFEE0_0000L, 0xB000_0000L, 0xB00F_8000L, 0xC000_0000L, 0x1_0000_0000L, 0xFFFF_0000L};

    /** Loads, stores and read-modify-writes of all sizes at random places of the windows, which may cross a register's or a page's end. */
    private static KernelBuilder everyWindow(int seed) {
        KernelBuilder kernel = LongMode.begin().code("48BB").number(seed * 0x9E37_79B9_7F4A_7C15L, 8).code("41B8 10270000");
        int windows = 0x11_0000;
        int loop = kernel.here();
        kernel.code("4869DB 6D4EC641 4881C3 39300000 4889D8 48C1E818 4889C2 83E007");   // RDX random, EAX the window's number
        kernel.code("488B34C5").number(windows, 4).code("48C1EA03 81E2 FFFF0000 4801D6 4889D8");   // RSI the place, RAX random
        kernel.code("8806 668906 8906 488906 8A06 668B06 8B06 488B06 F0480106 483106 0FB106 8706");
        kernel.code("41FFC8 0F85").number(loop - (kernel.here() + 4), 4).code(COMPLETE).upTo(windows);
        for (long window : WINDOWS) {
            kernel.number(window, 8);
        }
        return LongMode.end(kernel);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void deviceWindowsTakeAnything(int seed) throws Exception {
        Ended ended = run(everyWindow(seed), 1_500);
        // The local APIC may have sent the processor an NMI, which nobody answers, or an INIT, after which there is no firmware.
        assertThat(ended.outcome().end()).as("%s", ended.outcome()).isIn(End.SHUTDOWN, End.STOPPED, End.RESET, End.POWERED_OFF);
    }

    @ParameterizedTest
    @ValueSource(longs = {0xFEC0_0800L, 0xFED0_0800L, 0xFEE0_0804L, 0xB000_0802L, 0xC000_0FFFL, 0x1_0000_2004L, 0xF000_0000L})
    void aStackMayBeWhereThereIsNoMemory(long stack) throws Exception {
        KernelBuilder kernel = LongMode.begin().code("48BC").number(stack, 8).code("50 59 9C 58 E800000000 58 41B0FF").code(COMPLETE);
        assertThat(run(LongMode.end(kernel), 10_000).isComplete()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0xFEC0_0000L, 0xFED0_0000L, 0xFEE0_0000L, 0xB000_0000L, 0xC000_0000L, 0x1_0000_0000L, 0xF000_0FFFL, 16 << 20, 0xFF_FFF0L, 0x10_0000_0000L, 0x8000_0000_0000_0000L, 0x0000_8000_0000_0000L})
    void codeMayBeWhereThereIsNoMemory(long target) throws Exception {
        KernelBuilder kernel = LongMode.begin().code("48B8").number(target, 8).code("FFE0");
        assertThat(run(LongMode.end(kernel), 10_000).outcome().end()).isEqualTo(End.SHUTDOWN);
    }

    @Test
    void codeThatRunsOffTheEndOfMemoryIsUndefinedThere() throws Exception {
        Ended ended = run(new KernelBuilder().code("B8 00001200 BA F0FFFF00 FFE2"), 10_000);
        assertThat(ended.outcome().end()).isEqualTo(End.SHUTDOWN);
        assertThat(ended.processor().rip()).isEqualTo(16 * MIB);
    }

    // ---- page tables ----

    @ParameterizedTest
    @ValueSource(strings = {"31C0", "48C7C0 FFFFFFFF", "48B8 8300F0FFFFFF0F00", "48B8 0300000001000000"})
    void pageTablesMayBeOverwritten(String value) throws Exception {
        KernelBuilder kernel = LongMode.begin().code(value).code("BF").number(LongMode.TABLES, 4).code("B9 00020000 F348AB 0F20D8 0F22D8").code(COMPLETE);
        assertThat(run(LongMode.end(kernel), 10_000).outcome().end()).isEqualTo(End.SHUTDOWN);
    }

    @Test
    void tablesMayLieInDevicesAndNowhere() throws Exception {
        for (long table : new long[] {0xFEC0_0000L, 0xFEE0_0000L, 0x1_0000_0000L, 16 << 20, 0xF_FFFF_F000L}) {
            KernelBuilder kernel = LongMode.begin().code("48B8").number(table, 8).code("0F22D8").code(COMPLETE);
            Ended ended = run(LongMode.end(kernel), 10_000);
            assertThat(ended.outcome().end()).as("%x", table).isEqualTo(End.SHUTDOWN);
        }
    }

    @Test
    void aTableThatNamesItselfIsATableOfEveryLevel() throws Exception {
        KernelBuilder kernel = LongMode.begin().code("B8").number(LongMode.TABLES | 3, 4).code("A3").number(LongMode.TABLES + 8 * 511, 8);
        kernel.code("48C7C0 00F0FFFF 488B00").code(COMPLETE);
        Ended ended = run(LongMode.end(kernel), 10_000);
        assertThat(ended.processor().general().get(RAX)).as("%s %x cr2 %x cr3 %x", ended.outcome(), ended.processor().rip(), ended.processor().cr2(), ended.processor().cr3()).isEqualTo(LongMode.TABLES + 0x1000 | 3 | 0x20);
    }

    // ---- files ----

    private String refusal(byte[] kernel, String... more) throws Exception {
        Path file = Files.write(directory.resolve("refused"), kernel);
        String[] arguments = {"--kernel", file.toString(), "--memory", "16"};
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(all, InputStream.nullInputStream(), new ByteArrayOutputStream(), new PrintStream(err, true, StandardCharsets.UTF_8));
        String said = err.toString(StandardCharsets.UTF_8);
        assertThat(status).as(said).isEqualTo(1);
        assertThat(said).hasLineCount(1).doesNotContain("Exception").contains("the kernel " + file + " cannot be started: ");
        return said;
    }

    private static byte[] changed(Consumer<ByteBuffer> change) {
        byte[] file = new KernelBuilder().code("EB FE").elf();
        change.accept(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        return file;
    }

    @Test
    void aKernelCutOffAnywhereIsRefused() throws Exception {
        byte[] whole = new KernelBuilder().code("EB FE").elf();
        for (int length = 0; length < whole.length; length++) {
            refusal(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void brokenKernelsAreRefusedByName() throws Exception {
        assertThat(refusal(changed(file -> file.put(1, (byte) 'X')))).contains("bzImage");
        assertThat(refusal(changed(file -> file.putShort(18, (short) 183)))).contains("machine 183");
        assertThat(refusal(changed(file -> file.put(4, (byte) 1)))).contains("32 bits");
        assertThat(refusal(changed(file -> file.putInt(0xC0 + 8, 17)))).contains("no PVH entry");
        assertThat(refusal(changed(file -> file.putInt(120, 0)))).contains("no PVH entry");
        assertThat(refusal(changed(file -> file.putInt(0xC0 + 4, 0x7FFF_FFFF)))).contains("ends outside of its segment");
        assertThat(refusal(changed(file -> file.putLong(120 + 8, 1L << 40)))).contains("ends before its notes");
        assertThat(refusal(changed(file -> file.putInt(0xC0 + 16, 0x7000_0000)))).contains("entry");
        assertThat(refusal(changed(file -> file.putInt(0xC0 + 16, 0x7000)))).contains("entry");
        assertThat(refusal(changed(file -> file.putLong(64 + 24, 0x7000_0000)))).contains("memory");
        assertThat(refusal(changed(file -> file.putLong(64 + 40, Long.MAX_VALUE)))).contains("nowhere");
        assertThat(refusal(changed(file -> file.putLong(64 + 40, 1 << 30)))).contains("--memory");
    }

    @Test
    void anInitialRamDiskThatDoesNotFitIsRefused() throws Exception {
        Path initrd = Files.write(directory.resolve("initrd"), new byte[15 << 20]);
        assertThat(refusal(changed(file -> {}), "--initrd", initrd.toString())).contains("initial RAM disk of 15728640 bytes", "--memory");
    }

    @Test
    void aCommandLineThatIsTooLongIsRefused() throws Exception {
        assertThat(refusal(changed(file -> {}), "--append", "x".repeat(1 << 17))).contains("command line of 131072 bytes", "--append");
    }
}
