package trefoil.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import trefoil.api.ApiException;
import trefoil.cli.catalogue.Overview;
import trefoil.cli.session.Complaint;
import trefoil.cli.session.Session;
import trefoil.cli.session.Terminals;
import trefoil.cli.value.UsageException;

/** Where the {@code trefoil} command begins. */
public final class Main {
    /** Exit code of a failure. */
    public static final int FAILURE = 1;
    /** Exit code of a wrong command line. */
    public static final int USAGE = 2;
    /** Exit code of {@code exec} when it fails itself, so that 1 remains the remote command's (podman-exec(1)). */
    public static final int EXEC_FAILURE = 125;

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
            Complaint.of(e).print(session);
            return USAGE;
        } catch (ApiException e) {
            Complaint.of(e).print(session);
            return failure(args);
        } catch (IOException e) {
            Complaint.of(e).print(session);
            return failure(args);
        } catch (RuntimeException e) {
            // The last resort, so that nobody meets a bare stack trace; --debug shows it.
            Complaint.of(e).print(session);
            return failure(args);
        } finally {
            session.out().flush();
            session.err().flush();
        }
    }

    private static int failure(String[] args) {
        for (String arg : args) {
            if (!arg.startsWith("-")) {
                return arg.equals("exec") ? EXEC_FAILURE : FAILURE;
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
            Overview.print(session.err());
            return USAGE;
        }
        return Dispatch.run(session, args[word], Arrays.copyOfRange(args, word + 1, args.length));
    }
}
