package trefoil.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.disk.Images;
import trefoil.pc.power.PowerListener;

/** The process of a machine: its command line, its exit status, its one line of error, and what it gives back when it cannot begin. */
class MainTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(arguments, InputStream.nullInputStream(), out, new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String error() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String poweringOff() throws Exception {
        return new KernelBuilder().print('H').print('i').powerOff().code("FA F4 EB FD").write(directory, "off").toString();
    }

    @Test
    void aMachineThatPowersOffIsASuccess() throws Exception {
        assertThat(run("--kernel", poweringOff(), "--memory", "16")).as(error()).isZero();
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("Hi");
        assertThat(error()).startsWith("POWERED_OFF").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "''; no kernel is named",
        "--memory 64; no kernel is named",
        "--frobnicate 1; unknown option '--frobnicate'",
        "kernel; unknown option 'kernel'",
        "--kernel; lacks its value",
        "--kernel --memory 64; lacks its value",
        "--kernel a --kernel b; given twice",
        "--kernel a --memory many; whole number",
        "--kernel a --memory 12.5; whole number",
        "--kernel a --memory 99999999999999999999; whole number",
        "--kernel a --memory -64; out of range",
        "--kernel a --memory 9223372036854775807; out of range",
        "--kernel a --memory 0; cannot have 0 MiB",
        "--kernel a --memory 6; cannot have 6 MiB",
        "--kernel a --memory 65; cannot have 65 MiB",
        "--kernel a --memory 1048578; cannot have 1048578 MiB",
        "--kernel a --nvme b --nvme c; given twice",
        "--kernel a --nic tap0; --nic wants",
        "--kernel a --nic ,02:54:66:00:00:01; --nic wants",
        "--kernel a --nic tap0,02:54; hardware address",
        "--kernel a --nic tap0,01:00:5e:00:00:01; not a multicast",
    })
    void wrongUsageIsSaidInOneLine(String line, String said) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(error()).contains(said, "usage: --kernel FILE").hasLineCount(1).doesNotContain("Exception", "\tat ");
        assertThat(out.size()).isZero();
    }

    @Test
    void anEmptyOrImpossiblePathIsWrongUsage() {
        assertThat(run("--kernel", "")).isEqualTo(2);
        assertThat(run("--kernel", "a\0b")).isEqualTo(2);
        assertThat(error()).contains("names no file", "Nul character").hasLineCount(2);
    }

    @Test
    void filesThatCannotBeReadAreNamed() throws Exception {
        String good = poweringOff();
        String missing = directory.resolve("missing").toString();
        assertThat(run("--kernel", missing)).isEqualTo(1);
        assertThat(error()).contains("the kernel " + missing + " is not there");
        assertThat(run("--kernel", directory.toString())).isEqualTo(1);
        assertThat(error()).contains("no regular file");
        assertThat(run("--kernel", good, "--initrd", missing)).isEqualTo(1);
        assertThat(error()).contains("the initial RAM disk " + missing + " is not there");
        assertThat(run("--kernel", good, "--disk", missing)).isEqualTo(1);
        assertThat(run("--kernel", good, "--disk", missing + ".qcow2")).isEqualTo(1);
        assertThat(run("--kernel", good, "--nvme", missing)).isEqualTo(1);
        Path text = Files.writeString(directory.resolve("text"), "#!/bin/sh\n");
        assertThat(run("--kernel", text.toString())).isEqualTo(1);
        assertThat(error()).contains("the kernel " + text + " cannot be started", "give a bzImage").hasLineCount(7).doesNotContain("Exception", "\tat ");
    }

    @ParameterizedTest
    @CsvSource({"PROCESSORS, 0x64, 0xFE", "PROCESSORS, 0x92, 0x01", "PROCESSORS, 0xCF9, 0x04", "BOARD, 0xCF9, 0x06", "POWER_CYCLE, 0xCF9, 0x0E"})
    void aResetSaysOfWhat(PowerListener.Reset kind, String port, String value) throws Exception {
        Path kernel = new KernelBuilder().out(Integer.decode(port), 1, Integer.decode(value)).code("FA F4 EB FD").write(directory, "reset");
        try (Machine machine = new Machine(new MachinePlan("reset", 16 * MIB, kernel, null, ""), new Terminal("?", ""))) {
            assertThat(machine.run()).isEqualTo(Machine.Outcome.ofReset(kind));
        }
    }

    @Test
    void whatCannotBeMadeLeavesNothing() throws Exception {
        Path disk = Files.write(directory.resolve("disk.raw"), new byte[1 << 20]);
        Path bad = Files.writeString(directory.resolve("bad"), "no kernel");
        MachinePlan broken = new MachinePlan("leak", 16 * MIB, bad, null, "", List.of(new MachinePlan.Disk(disk, Images.Format.RAW)));
        List<String> before = held();
        for (int n = 0; n < 3; n++) {
            assertThatThrownBy(() -> new Machine(broken, new Terminal("?", "")).close()).isInstanceOf(trefoil.pc.boot.KernelException.class);
        }
        assertThat(held()).isEqualTo(before).noneMatch(name -> name.contains("disk.raw") || name.contains("leak") || name.contains("trefoil-clock"));
    }

    @Test
    void closingGivesEverythingBackAndEndsTheRun() throws Exception {
        Path disk = Files.write(directory.resolve("disk.raw"), new byte[1 << 20]);
        Path looping = new KernelBuilder().code("EB FE").write(directory, "loop");
        MachinePlan plan = new MachinePlan("closed", 16 * MIB, looping, null, "", List.of(new MachinePlan.Disk(disk, Images.Format.RAW)));
        Machine machine = new Machine(plan, new Terminal("?", ""));
        Machine.Outcome[] outcome = new Machine.Outcome[1];
        Thread runner = Thread.ofPlatform().start(() -> outcome[0] = machine.run());
        while (machine.statistics().instructions() == 0 && runner.isAlive()) {
            Thread.onSpinWait();
        }
        machine.close();
        runner.join();
        machine.close();
        assertThat(outcome[0].end()).isEqualTo(Machine.End.STOPPED);
        assertThat(held()).noneMatch(name -> name.contains("disk.raw") || name.contains("closed") || name.contains("trefoil-clock"));
        assertThatThrownBy(machine::run).isInstanceOf(IllegalStateException.class);
    }

    /** What this process has open and mapped, and the machines' threads. */
    private static List<String> held() throws Exception {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    all.add(Files.readSymbolicLink(file).toString());
                }
            }
        }
        Files.readAllLines(Path.of("/proc/self/maps")).stream().filter(line -> line.contains("memfd:")).forEach(all::add);
        Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("trefoil-")).forEach(all::add);
        return all.stream().filter(name -> name.contains("trefoil") || name.contains("disk")).sorted().toList();
    }
}
