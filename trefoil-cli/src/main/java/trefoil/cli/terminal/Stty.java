package trefoil.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs stty(1) of coreutils on the terminal at standard input; native calls are not for this module. */
final class Stty {
    private Stty() {}

    /** Runs it with arguments and returns what it printed. */
    static String run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
        builder.redirectErrorStream(true);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (status(process) != 0) {
            throw new IOException("stty " + String.join(" ", arguments) + " failed: " + printed);
        }
        return printed;
    }

    private static int status(Process process) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor();
                } catch (InterruptedException e) {
                    // A terminal half set is worse than a late interruption.
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
