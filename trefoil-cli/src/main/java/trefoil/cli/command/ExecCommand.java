package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.api.ExecRequest;
import trefoil.cli.terminal.RawTerminal;
import trefoil.cli.terminal.Relay;
import trefoil.cli.terminal.TerminalSize;
import trefoil.cli.value.Environment;
import trefoil.cli.value.UsageException;
import trefoil.client.ServerStream;

/** {@code trefoil exec}. */
@Command(
        sortOptions = false,
        customSynopsis = "trefoil exec [OPTIONS] NAME -- COMMAND...",
        description = {
            "Runs a command in a server, as root, and ends with its exit status.",
            "",
            "It gets a terminal when standard input and standard output are one.",
            "",
            "Exit status 125: trefoil could not start it; 126: it cannot be executed; 127: it is not there; 128 + N: signal N ended it.",
            ""
        },
        footer = {"", "Examples:", "  trefoil exec web1 -- bash", "  echo hi | trefoil exec web1 -- cat", "  trefoil exec -u www-data -e LANG web1 -- id"})
public final class ExecCommand extends Subcommand {
    private static final int FAILURE = 125;

    @Option(names = {"-t", "--terminal"}, description = "Give it a terminal.")
    private boolean terminal;

    @Option(names = {"-T", "--no-terminal"}, description = "Give it none.")
    private boolean noTerminal;

    @Option(names = {"-i", "--interactive"}, description = "Pass standard input on; so it is anyway unless -n.")
    private boolean interactive;

    @Option(names = {"-n", "--no-stdin"}, description = "Give it an empty standard input.")
    private boolean noInput;

    @Option(names = {"-u", "--user"}, paramLabel = "USER", description = "Name or number of a user inside; root where not set.")
    private String user;

    @Option(names = {"-w", "--directory"}, paramLabel = "PATH", description = "Directory to begin in; the user's home where not set.")
    private String directory;

    @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "A variable; NAME alone passes yours on. May be repeated.")
    private List<String> environment = new ArrayList<>();

    @Parameters(index = "0", paramLabel = "NAME", description = "The server.")
    private String name;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "COMMAND", description = "Program and arguments.")
    private List<String> words = new ArrayList<>();

    @Override
    protected boolean takesCommand() {
        return true;
    }

    @Override
    protected boolean stopsAtParameter() {
        return true;
    }

    @Override
    protected int run() throws IOException {
        boolean withTerminal = wantsTerminal();
        boolean onTerminal = withTerminal && session().terminals().in();
        TerminalSize size = onTerminal ? TerminalSize.ofThis() : null;
        ExecRequest request = new ExecRequest(
                command(),
                variables(withTerminal),
                user,
                directory,
                withTerminal,
                size == null ? null : size.columns(),
                size == null ? null : size.rows(),
                !noInput);
        try (ServerStream stream = session().daemon().exec(name, request)) {
            int status = onTerminal ? onTerminal(stream) : plain(stream);
            return status == Relay.NO_STATUS ? FAILURE : status;
        }
    }

    private boolean wantsTerminal() {
        if (terminal && noTerminal) {
            throw new UsageException("-t and -T exclude each other", null);
        }
        return terminal || !noTerminal && session().terminals().in() && session().terminals().out();
    }

    private List<String> command() {
        List<String> command = hasDashes() ? afterDashes() : words;
        if (hasDashes() && !words.isEmpty()) {
            throw new UsageException("the command stands before and behind --", "trefoil exec " + name + " -- COMMAND");
        }
        if (command.isEmpty()) {
            throw new UsageException("which command?", "trefoil exec " + name + " -- bash");
        }
        if (!hasDashes() && command.getFirst().startsWith("-")) {
            throw new UsageException("options stand before the server's name, or -- before the command", "trefoil exec " + name + " -- bash");
        }
        return command;
    }

    private Map<String, String> variables(boolean withTerminal) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (withTerminal) {
            Environment.put(variables, "TERM", session().environment());
        }
        environment.forEach(word -> Environment.put(variables, word, session().environment()));
        return variables.isEmpty() ? null : variables;
    }

    private int onTerminal(ServerStream stream) throws IOException {
        Relay relay = new Relay(session(), stream);
        try (RawTerminal _ = RawTerminal.raw()) {
            relay.followSize();
            if (!noInput) {
                relay.forwardInput();
            }
            return relay.run();
        }
    }

    private int plain(ServerStream stream) throws IOException {
        Relay relay = new Relay(session(), stream);
        relay.forwardSignal("INT", 2);
        relay.forwardSignal("TERM", 15);
        relay.forwardSignal("HUP", 1);
        if (!noInput) {
            relay.forwardInput();
        }
        return relay.run();
    }
}
