package trefoil.cli.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import trefoil.client.DaemonPlace;
import trefoil.client.DaemonUnreachableException;
import trefoil.client.Trace;
import trefoil.client.TrefoilClient;

/**
 * What one run of the command works with: its streams, its environment, how much it is to say, and the daemon. Not
 * thread-safe.
 */
public final class Session {
    /** How much goes to standard error. */
    public enum Verbosity {
        /** Errors only. */
        QUIET,
        NORMAL,
        /** Each exchange with the daemon too. */
        VERBOSE,
        /** Stack traces of failures too. */
        DEBUG
    }

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Terminals terminals;
    private Verbosity verbosity = Verbosity.NORMAL;
    private TrefoilClient client;

    public Session(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment, Terminals terminals) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.terminals = terminals;
    }

    public InputStream in() {
        return in;
    }

    /** Standard output: data, nothing else. */
    public PrintStream out() {
        return out;
    }

    /** Standard error: messages, progress, errors. */
    public PrintStream err() {
        return err;
    }

    public Map<String, String> environment() {
        return environment;
    }

    public Terminals terminals() {
        return terminals;
    }

    /** Whether Ctrl-c is this session's to handle: standard error is a terminal, so somebody watches. */
    boolean handlesSignals() {
        return terminals.err() && terminals.in();
    }

    public Verbosity verbosity() {
        return verbosity;
    }

    public void setVerbosity(Verbosity verbosity) {
        this.verbosity = verbosity;
    }

    public DaemonPlace place() {
        return DaemonPlace.of(environment);
    }

    /** A message for people, unless {@code --quiet}. */
    public void say(String message) {
        if (verbosity != Verbosity.QUIET) {
            err.println(message);
        }
    }

    /** Whether messages may be coloured: standard error is a terminal and {@code NO_COLOR} (no-color.org) is not set. */
    public boolean colour() {
        return terminals.err() && !isSet("NO_COLOR") && !"dumb".equals(environment.get("TERM"));
    }

    /** Whether data may be coloured. */
    public boolean colourOut() {
        return terminals.out() && !isSet("NO_COLOR") && !"dumb".equals(environment.get("TERM"));
    }

    private boolean isSet(String variable) {
        String value = environment.get(variable);
        return value != null && !value.isEmpty();
    }

    /** The daemon's client; where no daemon runs, one is started. */
    public TrefoilClient daemon() throws IOException {
        if (client == null) {
            TrefoilClient candidate = unstartedDaemon();
            try {
                candidate.connect();
            } catch (DaemonUnreachableException e) {
                if (!e.startable()) {
                    throw e;
                }
                new DaemonStarter(this).start(e);
            }
            client = candidate;
        }
        return client;
    }

    /** The daemon's client; where no daemon runs, its calls throw {@link DaemonUnreachableException}. */
    public TrefoilClient unstartedDaemon() {
        return new TrefoilClient(place().socket(), verbosity.compareTo(Verbosity.VERBOSE) >= 0 ? this::trace : Trace.NONE);
    }

    private void trace(String method, String target, int status) {
        err.println(method + " " + target + " -> " + status);
    }
}
