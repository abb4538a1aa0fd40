package trefoil.vmm.service;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import trefoil.linux.ErrnoException;
import trefoil.linux.tty.Terminal;
import trefoil.pc.boot.KernelException;
import trefoil.vmm.Machine;
import trefoil.vmm.StandardStreams;
import trefoil.vmm.control.ControlServer;

/** See the package. Exit status 0 after a power-off, 1 when the machine failed or could not be begun, 2 for wrong usage. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) throws InterruptedException {
        try {
            return serve(Options.of(arguments));
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
            return 2;
        } catch (IOException | KernelException e) {
            say("the machine cannot be begun: " + e.getMessage());
            return 1;
        }
    }

    private static int serve(Options options) throws IOException, KernelException, InterruptedException {
        raw();
        Files.deleteIfExists(Path.of(options.control())); // of a former run
        Disk.make(options);
        StandardStreams line = new StandardStreams(System.in, new FileOutputStream(FileDescriptor.out));
        try (Lives lives = new Lives(options, line, report -> say(report.replace("\n", "\r\n")));
                ControlServer _ = new ControlServer(options.control(), lives)) {
            Machine.Outcome outcome = lives.run();
            if (outcome.end() == Machine.End.POWERED_OFF) {
                return 0;
            }
            say("the machine ended: " + outcome.end() + " " + outcome.reason());
            return 1;
        }
    }

    /** The serial line is one of bytes; standard input may be no terminal in tests. */
    private static void raw() {
        try {
            Terminal.raw(new trefoil.linux.FileDescriptor(0, "standard input"));
        } catch (ErrnoException e) {
            System.getLogger(Main.class.getName()).log(System.Logger.Level.DEBUG, "standard input is no terminal", e);
        }
    }

    /** On the console, in whose log it is looked for. */
    private static void say(String words) {
        System.err.print("\r\ntrefoil: " + words.strip() + "\r\n");
        System.err.flush();
    }
}
