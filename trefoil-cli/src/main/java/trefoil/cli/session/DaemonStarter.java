package trefoil.cli.session;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.client.DaemonPlace;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.TrefoilClient;

/**
 * Starts a daemon that outlives this command: {@code $TREFOIL_HOME/bin/trefoil-daemon} in a session of its own, standard
 * input empty, its output appended to its log. Two commands may start one at the same time: the second daemon refuses to
 * run beside the first, and both commands find the first.
 */
final class DaemonStarter {
    /** Set by the launcher to the directory of the distribution. */
    static final String HOME = "TREFOIL_HOME";

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int TAIL = 6000;

    private final Session session;
    private final DaemonPlace place;

    DaemonStarter(Session session) {
        this.session = session;
        this.place = session.place();
    }

    /** Starts a daemon and returns when it accepts connections. */
    void start(DaemonUnreachableException why) throws IOException {
        Path program = program(why);
        session.say("starting the Trefoil daemon…");
        session.err().flush();
        // The mode that the daemon gives it: what is inside is root's, servers' roots are reached through it.
        Files.createDirectories(place.state(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        File log = place.log().toFile();
        long before = log.length();
        Process daemon = launch(program, log);
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!accepts()) {
            boolean dead = pause(daemon);
            if (dead && !accepts() && !anotherIsComing(end)) {
                throw failed("the Trefoil daemon ended at once with status " + daemon.exitValue(), before);
            }
            if (System.nanoTime() - end > 0) {
                throw failed("the Trefoil daemon was started and does not answer within 20 s", before);
            }
        }
    }

    private Path program(DaemonUnreachableException why) throws IOException {
        if (!isRoot()) {
            throw new ApiException(ErrorCode.HOST_UNFIT, why.getMessage() + "; only root can start it", "sudo trefoil daemon start");
        }
        String home = session.environment().get(HOME);
        Path program = home == null ? null : Path.of(home, "bin", "trefoil-daemon");
        if (program == null || !Files.isExecutable(program)) {
            String reason = home == null ? HOME + " is not set, so that it cannot be started" : program + " cannot be executed";
            throw new ApiException(ErrorCode.HOST_UNFIT, why.getMessage() + "; " + reason, "run this command through the trefoil launcher");
        }
        return program;
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    private static Process launch(Path program, File log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("setsid", program.toString());
        builder.directory(new File("/"));
        builder.redirectInput(new File("/dev/null"));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.redirectErrorStream(true);
        return builder.start();
    }

    /** Waits a moment; true when the process has ended. */
    private static boolean pause(Process daemon) throws IOException {
        try {
            return daemon.waitFor(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon starts", e);
        }
    }

    /** After our daemon gave way to another: whether that one accepts within two seconds. */
    private boolean anotherIsComing(long end) throws IOException {
        long until = Math.min(end, System.nanoTime() + TimeUnit.SECONDS.toNanos(2));
        while (System.nanoTime() - until < 0) {
            if (accepts()) {
                return true;
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the daemon starts", e);
            }
        }
        return false;
    }

    private boolean accepts() {
        try (TrefoilClient client = new TrefoilClient(place.socket())) {
            client.connect();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private ApiException failed(String message, long before) {
        return new ApiException(new ApiError(
                ErrorCode.HOST_UNFIT.word(), 503, message, "less " + place.log(), withoutFrames(tail(place.log(), before))));
    }

    /** Drops the lines of stack traces, which help developers and hide the words from everybody else. */
    static String withoutFrames(String log) {
        StringBuilder words = new StringBuilder();
        log.lines()
                .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t... "))
                .forEach(line -> words.append(line).append('\n'));
        return words.toString();
    }

    /** The last of what a file holds beyond an offset, or nothing. */
    static String tail(Path file, long offset) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] end = new byte[Math.clamp(in.length() - offset, 0, TAIL)];
            in.seek(in.length() - end.length);
            in.readFully(end);
            return new String(end, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            // There is no log: the daemon did not come so far.
            return "";
        }
    }
}
