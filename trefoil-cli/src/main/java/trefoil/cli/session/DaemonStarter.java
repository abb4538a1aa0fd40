package trefoil.cli.session;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
 * run beside the first, and both commands wait for the first.
 */
final class DaemonStarter {
    /** Set by the launcher to the directory of the distribution. */
    static final String HOME = "TREFOIL_HOME";

    /** A daemon that was killed within its work leaves the next one to undo it, which may take a while. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** From a daemon's end to the complaint: the one that it gave way to may not have written its lock yet. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

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
        await(launch(program, log), before);
    }

    private void await(Process daemon, long before) throws IOException {
        long begun = System.nanoTime();
        long ended = 0;
        boolean told = false;
        while (!accepts()) {
            long now = System.nanoTime();
            ended = daemon.isAlive() || anotherStarts(daemon.pid()) ? 0 : ended == 0 ? now : ended;
            if (ended != 0 && now - ended > GRACE_NANOS) {
                throw failed("the Trefoil daemon ended at once with status " + daemon.exitValue(), before);
            }
            if (now - begun > PATIENCE_NANOS) {
                throw failed("the Trefoil daemon was started and does not answer within 60 s", before);
            }
            if (!told && now - begun > TELL_NANOS) {
                session.say("it takes its time: it may have to clean up after one that was killed");
                session.err().flush();
                told = true;
            }
            pause();
        }
    }

    /** Whether the lock names a process, other than the one started here, that runs: a daemon that was started at the same time. */
    private boolean anotherStarts(long own) throws IOException {
        try {
            long holder = Long.parseLong(Files.readString(place.lock(), StandardCharsets.US_ASCII).strip());
            return holder != own && RunningProcess.is(holder);
        } catch (NoSuchFileException | NumberFormatException e) {
            // No daemon has come as far as writing it.
            return false;
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

    private Process launch(Path program, File log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("setsid", program.toString());
        builder.directory(new File("/"));
        // It may be relative to the directory of this command, which is not the daemon's.
        String named = session.environment().get(DaemonPlace.VARIABLE);
        if (named != null && !named.isBlank()) {
            builder.environment().put(DaemonPlace.VARIABLE, place.state().toString());
        }
        builder.redirectInput(new File("/dev/null"));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.redirectErrorStream(true);
        return builder.start();
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon starts", e);
        }
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
