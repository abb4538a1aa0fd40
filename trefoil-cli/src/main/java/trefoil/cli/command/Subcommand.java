package trefoil.cli.command;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import trefoil.cli.session.Session;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Operands;
import trefoil.cli.syntax.Option;
import trefoil.cli.syntax.Syntax;
import trefoil.cli.syntax.Usage;
import trefoil.cli.syntax.Value;
import trefoil.cli.syntax.Values;
import trefoil.cli.value.UsageException;

/** A command. Subclasses declare options and operands as fields and do the work in {@link #run()}. */
public abstract class Subcommand {
    private final Syntax syntax = new Syntax();
    private Flag help;
    private Flag quiet;
    private Flag verbose;
    private Flag debug;
    private Session session;
    private List<String> afterDashes = List.of();
    private boolean dashes;

    /** Does the work; returns the exit code. */
    protected abstract int run() throws IOException;

    /** What its help says beside the options. */
    protected abstract Manual manual();

    /** What this run works with. */
    protected final Session session() {
        return session;
    }

    /** The options and operands declared so far. */
    final Syntax syntax() {
        return syntax;
    }

    /** Declares an option without a value. */
    final Flag flag(String name, String description) {
        return syntax.flag(null, name, description);
    }

    /** Declares an option without a value that has a letter too. */
    final Flag flag(String letter, String name, String description) {
        return syntax.flag(letter, name, description);
    }

    /** Declares an option with a value. */
    final Value value(String name, String argument, String description) {
        return syntax.value(null, name, argument, description);
    }

    /** Declares an option with a value that has a letter too. */
    final Value value(String letter, String name, String argument, String description) {
        return syntax.value(letter, name, argument, description);
    }

    /** Declares an option that may be repeated. */
    final Values values(String letter, String name, String argument, String description) {
        return syntax.values(letter, name, argument, description);
    }

    /** Declares a word that must be there. */
    final Operand operand(String label, String description) {
        return syntax.operand(label, description, true);
    }

    /** Declares a word that may be left out. */
    final Operand optionalOperand(String label, String description) {
        return syntax.operand(label, description, false);
    }

    /** Declares that all further words, at least some number of them, are this. */
    final Operands operands(int least, String label, String description) {
        return syntax.operands(least, label, description);
    }

    /** The words behind {@code --}, never read as options; empty without one. */
    protected final List<String> afterDashes() {
        return afterDashes;
    }

    /** Whether {@code --} was given. */
    protected final boolean hasDashes() {
        return dashes;
    }

    /** Whether words behind {@code --} are this command's to read, rather than more of its operands. */
    protected boolean takesCommand() {
        return false;
    }

    /** The operands as the usage line shows them, where their own labels do not say it; {@code null} otherwise. */
    protected String synopsis() {
        return null;
    }

    /** Whether everything behind the first operand is taken as it stands. */
    protected boolean stopsAtOperand() {
        return false;
    }

    /** Reads the options and does the work. */
    public final int run(Session runSession, String words, String[] args) throws IOException {
        session = runSession;
        declareCommon();
        String[] own = ownArguments(args);
        try {
            syntax.read(own, stopsAtOperand() && !dashes, help);
        } catch (UsageException e) {
            throw e.next() == null ? new UsageException(e.getMessage(), words + " --help") : e;
        }
        if (help.isSet()) {
            Usage.print(session.out(), session.colourOut(), words, synopsis(), syntax, manual());
            return 0;
        }
        if (quiet.isSet()) {
            session.setVerbosity(Session.Verbosity.QUIET);
        }
        if (verbose.isSet()) {
            session.setVerbosity(Session.Verbosity.VERBOSE);
        }
        if (debug.isSet()) {
            session.setVerbosity(Session.Verbosity.DEBUG);
        }
        return run();
    }

    /** The options that every command has stand last. */
    private void declareCommon() {
        help = syntax.flag("-h", "--help", "Show this help.");
        quiet = syntax.flag("-q", "--quiet", "Print errors and data only.");
        verbose = syntax.flag("-v", "--verbose", "Print each exchange with the daemon too.");
        debug = syntax.flag(null, "--debug", "Print stack traces of failures too.");
    }

    /** All its options, for completion. */
    final List<Option> options() {
        declareCommon();
        return syntax.options();
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
}
