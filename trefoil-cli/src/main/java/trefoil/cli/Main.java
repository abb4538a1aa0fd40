package trefoil.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.cli.output.Safe;
import trefoil.cli.session.IoWords;
import trefoil.cli.session.Session;
import trefoil.cli.session.Terminals;
import trefoil.cli.value.UsageException;
import trefoil.client.DaemonUnreachableException;

/** Where the {@code trefoil} command begins. */
public final class Main {
    /** Exit code of a failure. */
    public static final int FAILURE = 1;
    /** Exit code of a wrong command line. */
    public static final int USAGE = 2;

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        Session session = new Session(
                new FileInputStream(FileDescriptor.in), out, err, System.getenv(), Terminals.ofThisProcess());
        System.exit(run(session, args));
    }

    /** UTF-8 whatever the locale: names and JSON are data. */
    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new BufferedOutputStream(new FileOutputStream(descriptor), 8192), false, StandardCharsets.UTF_8);
    }

    /** Runs one command and returns its exit code; every failure has then been told on standard error. */
    public static int run(Session session, String... args) {
        try {
            return dispatch(session, args);
        } catch (UsageException e) {
            complain(session, e.getMessage(), null, e.next(), e);
            return USAGE;
        } catch (ApiException e) {
            ApiError error = e.error();
            complain(session, error.message(), error.detail(), error.next(), e);
            return failure(args);
        } catch (DaemonUnreachableException e) {
            complain(session, e.getMessage(), null, e.startable() ? "trefoil daemon start" : null, e);
            return failure(args);
        } catch (IOException e) {
            complain(session, IoWords.of(e), null, null, e);
            return failure(args);
        } catch (RuntimeException e) {
            // The last resort, so that nobody meets a bare stack trace; --debug shows it.
            complain(session, "an error in trefoil itself: " + e, null, "the same with --debug, and report what it shows", e);
            return failure(args);
        } finally {
            session.out().flush();
            session.err().flush();
        }
    }

    /** {@code exec} keeps 1 for the remote command, as podman-exec(1) does. */
    private static int failure(String[] args) {
        for (String arg : args) {
            if (!arg.startsWith("-")) {
                return arg.equals("exec") ? 125 : FAILURE;
            }
        }
        return FAILURE;
    }

    private static int dispatch(Session session, String[] args) throws IOException {
        int word = 0;
        while (word < args.length && GlobalFlags.apply(session, args[word])) {
            word++;
        }
        if (word == args.length) {
            return HotCommands.nothing(session);
        }
        String[] rest = Arrays.copyOfRange(args, word + 1, args.length);
        int code = HotCommands.run(session, args[word], rest);
        return code >= 0 ? code : Dispatch.run(session, args[word], rest);
    }

    /** What, why, what next. */
    private static void complain(Session session, String message, String detail, String next, Exception cause) {
        session.out().flush();
        PrintStream err = session.err();
        boolean colour = session.colour();
        err.println((colour ? "\033[1;31merror:\033[0m " : "error: ") + Safe.lines(message));
        if (detail != null && !detail.isBlank()) {
            for (String line : Safe.lines(detail.strip()).split("\n")) {
                err.println("  " + line);
            }
        }
        if (next != null && !next.isBlank()) {
            err.println((colour ? "\033[1mtry:\033[0m " : "try: ") + Safe.lines(next));
        }
        if (session.verbosity() == Session.Verbosity.DEBUG) {
            cause.printStackTrace(err);
        }
    }

}
