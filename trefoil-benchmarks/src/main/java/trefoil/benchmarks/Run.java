package trefoil.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A command that was run to its end.
 *
 * @param status exit status
 * @param out standard output
 * @param err standard error
 * @param nanos from before it was spawned until it had ended and its output had been read
 */
record Run(int status, String out, String err, long nanos) {
    /**
     * Spawns once with standard error out of the way: at the first use of its launch mechanism VFORK, which a look at the
     * environment is as well, the JDK prints five lines about its deprecation. VFORK is used since the other mechanisms
     * add a helper program's time to that of each peer.
     */
    static void prepare() throws IOException, InterruptedException {
        PrintStream messages = System.err;
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            new ProcessBuilder("true").start().waitFor();
        } finally {
            System.setErr(messages);
        }
    }

    /** Runs a command in the calling thread: it inherits that thread's mount namespace. */
    static Run of(Path directory, List<String> command) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Thread reader = Thread.ofVirtual().start(() -> drain(process.getErrorStream(), err));
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        long nanos = System.nanoTime() - began;
        reader.join();
        return new Run(status, out, err.toString(StandardCharsets.UTF_8), nanos);
    }

    /** Runs a command whose children go on and keep its streams open. */
    static int detached(Path directory, List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static void drain(InputStream from, ByteArrayOutputStream to) {
        try (from) {
            from.transferTo(to);
        } catch (IOException e) {
            to.writeBytes(("[standard error could not be read: " + e.getMessage() + "]").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Why this run does not count; {@code null} when it exited with 0 and wrote {@code expected}. */
    String fault(String expected) {
        if (status == 0 && out.strip().equals(expected)) {
            return null;
        }
        String words = err.isBlank() ? out.strip() : err.strip();
        return "exit status " + status + (words.isEmpty() ? "" : ": " + words.lines().reduce((first, last) -> last).orElse(""));
    }
}
