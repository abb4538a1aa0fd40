package trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import trefoil.disk.Images;
import trefoil.disk.qcow2.NewImage;
import trefoil.vmm.control.ControlClient;
import trefoil.vmm.control.MachineStatus;

/** Boots one guest, on either machine, in a process of its own whose serial line is the standard output; the process is killed when the awaited line has come. */
final class BootTrial {
    private static final int KERNEL = 0;
    private static final int INIT = 1;
    private static final int MARKER = 2;

    private final BootCase wanted;
    private final Guest guest;
    private final Path directory;
    private final Litter litter;
    private int number;

    /** @param directory for disks and sockets */
    BootTrial(BootCase wanted, Guest guest, Path directory, Litter litter) {
        this.wanted = wanted;
        this.guest = guest;
        this.directory = directory;
        this.litter = litter;
    }

    /** Asks the machine at its end what it did. */
    @FunctionalInterface
    private interface Question {
        MachineStatus ask() throws IOException;
    }

    BootRun trefoil() throws BenchmarkException, IOException, InterruptedException {
        Path disk = next("trefoil");
        Path control = disk.resolveSibling("control" + number);
        ControlClient client = new ControlClient(control.toString());
        try {
            return boot("trefoil", guest.trefoil(disk, control), client::status);
        } finally {
            Files.deleteIfExists(disk);
            Files.deleteIfExists(control);
        }
    }

    BootRun qemu() throws BenchmarkException, IOException, InterruptedException {
        Path disk = next("qemu");
        try {
            Images.createQcow2(disk, NewImage.of(guest.diskSize()).on(guest.base().toString(), "raw"), Images.Preallocation.OFF);
            return boot(BootReport.PEER, guest.qemu(disk), () -> null);
        } finally {
            Files.deleteIfExists(disk);
        }
    }

    private Path next(String name) {
        return directory.resolve(wanted.word() + "-" + name + ++number + ".qcow2");
    }

    private BootRun boot(String name, List<String> command, Question question) throws BenchmarkException, IOException, InterruptedException {
        ConsoleWatch console = new ConsoleWatch(List.of("Linux version", "Run /init as init process", wanted.marker()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true);
        long begun = System.nanoTime();
        Process process = builder.start();
        try {
            litter.add(() -> end(process));
            console.start(process.getInputStream());
            boolean inTime = console.await(wanted.patience().toNanos());
            if (console.seen(MARKER) == 0) {
                throw new BenchmarkException(complaint(name, process, inTime) + "; the last line on its console: " + console.lastLine(), "look at the whole console: " + shell(command));
            }
            long cpu = HostFigures.cpuNanos(List.of(process.pid()));
            return new BootRun(console.seen(KERNEL) - begun, console.seen(INIT) - begun, console.seen(MARKER) - begun, cpu, question.ask());
        } finally {
            end(process);
        }
    }

    private String complaint(String name, Process process, boolean inTime) throws InterruptedException {
        String fault = !inTime
                ? "did not come to \"" + wanted.marker().strip() + "\" within " + wanted.patience().toSeconds() + " s"
                : process.waitFor(5, TimeUnit.SECONDS) ? "ended early, with status " + process.exitValue() : "closed its console";
        return wanted.title() + ": " + name + " " + fault;
    }

    private static void end(Process process) throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static String shell(List<String> command) {
        return String.join(" ", command.stream().map(word -> word.matches("[-\\w./:=,+@]+") ? word : "'" + word.replace("'", "'\\''") + "'").toList());
    }
}
