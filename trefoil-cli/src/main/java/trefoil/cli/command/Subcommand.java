package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import trefoil.cli.session.Session;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.UsageException;

/** A command whose options picocli reads. Subclasses declare options and parameters as fields and do the work in {@link #run()}. */
public abstract class Subcommand {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    private boolean help;

    @Option(names = {"-q", "--quiet"}, description = "Print errors and data only.")
    private boolean quiet;

    @Option(names = {"-v", "--verbose"}, description = "Print each exchange with the daemon too.")
    private boolean verbose;

    @Option(names = "--debug", description = "Print stack traces of failures too.")
    private boolean debug;

    private Session session;
    private List<String> afterDashes = List.of();
    private boolean dashes;

    /** Does the work; returns the exit code. */
    protected abstract int run() throws IOException;

    /** What this run works with. */
    protected final Session session() {
        return session;
    }

    /** The words behind {@code --}, never read as options; empty without one. */
    protected final List<String> afterDashes() {
        return afterDashes;
    }

    /** Whether {@code --} was given. */
    protected final boolean hasDashes() {
        return dashes;
    }

    /** Whether words behind {@code --} are this command's to read, rather than more of its parameters. */
    protected boolean takesCommand() {
        return false;
    }

    /** Whether everything behind the first parameter is taken as it stands. */
    protected boolean stopsAtParameter() {
        return false;
    }

    /** Reads the options and does the work. */
    public final int run(Session runSession, String words, String[] args) throws IOException {
        session = runSession;
        CommandLine line = new CommandLine(this);
        line.getCommandSpec().usageMessage().synopsisHeading("usage: ");
        line.setCommandName(words).setExpandAtFiles(false).setPosixClusteredShortOptionsAllowed(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(session.colourOut() ? Ansi.ON : Ansi.OFF));
        parse(line, words, ownArguments(args));
        if (help) {
            PrintWriter out = new PrintWriter(session.out(), false, StandardCharsets.UTF_8);
            line.usage(out);
            out.flush();
            return 0;
        }
        applyVerbosity();
        return run();
    }

    private String[] ownArguments(String[] args) {
        int split = takesCommand() ? Arrays.asList(args).indexOf("--") : -1;
        if (split < 0) {
            return args;
        }
        dashes = true;
        afterDashes = List.copyOf(Arrays.asList(args).subList(split + 1, args.length));
        return Arrays.copyOf(args, split);
    }

    private void parse(CommandLine line, String words, String[] args) {
        line.setStopAtPositional(stopsAtParameter() && !dashes);
        try {
            line.parseArgs(args);
        } catch (UnmatchedArgumentException e) {
            throw unmatched(e, line, words);
        } catch (ParameterException e) {
            if (e.getCause() instanceof UsageException wrong) {
                throw wrong;
            }
            throw new UsageException(e.getMessage(), words + " --help");
        }
    }

    private static UsageException unmatched(UnmatchedArgumentException e, CommandLine line, String words) {
        String typed = e.getUnmatched().getFirst();
        if (!typed.startsWith("-")) {
            return new UsageException("\"" + typed + "\" is one argument too many", words + " --help");
        }
        int equals = typed.indexOf('=');
        List<String> options = new ArrayList<>(line.getCommandSpec().optionsMap().keySet());
        String near = Nearest.to(equals < 0 ? typed : typed.substring(0, equals), options);
        String meant = near == null ? "" : "; did you mean " + near + "?";
        return new UsageException("there is no option \"" + typed + "\"" + meant, words + " --help");
    }

    private void applyVerbosity() {
        if (quiet) {
            session.setVerbosity(Session.Verbosity.QUIET);
        }
        if (verbose) {
            session.setVerbosity(Session.Verbosity.VERBOSE);
        }
        if (debug) {
            session.setVerbosity(Session.Verbosity.DEBUG);
        }
    }
}
