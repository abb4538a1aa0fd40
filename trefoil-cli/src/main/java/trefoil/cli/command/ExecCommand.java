package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.api.ExecRequest;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Operands;
import trefoil.cli.syntax.Value;
import trefoil.cli.syntax.Values;
import trefoil.cli.terminal.RawTerminal;
import trefoil.cli.terminal.Relay;
import trefoil.cli.terminal.TerminalSize;
import trefoil.cli.value.Environment;
import trefoil.cli.value.UsageException;
import trefoil.client.ServerStream;

/** {@code trefoil exec}. */
public final class ExecCommand extends Subcommand {
    private static final int FAILURE = 125;

    private final Flag terminal = flag("-t", "--terminal", "Give it a terminal.");

    private final Flag noTerminal = flag("-T", "--no-terminal", "Give it none.");

    private final Flag interactive = flag("-i", "--interactive", "Pass standard input on; so it is anyway unless -n.");

    private final Flag noInput = flag("-n", "--no-stdin", "Give it an empty standard input.");

    private final Value user = value("-u", "--user", "USER", "Name or number of a user inside; root where not set.");

    private final Value directory = value("-w", "--directory", "PATH", "Directory to begin in; the user's home where not set.");

    private final Values environment = values("-e", "--env", "NAME=VALUE", "A variable; NAME alone passes yours on.");

    private final Operand name = operand("NAME", "The server.");

    private final Operands words = operands(0, "COMMAND", "Program and arguments.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Runs a command in a server, as root, and ends with its exit status.

                It gets a terminal when standard input and standard output are one.

                Exit status 125: trefoil could not start it; 126: it cannot be executed; 127: it is not there; 128 + N: signal N ended it.
                """,
                """
                trefoil exec web1 -- bash
                echo hi | trefoil exec web1 -- cat
                trefoil exec -u www-data -e LANG web1 -- id
                """);
    }

    @Override
    protected boolean takesCommand() {
        return true;
    }

    @Override
    protected String synopsis() {
        return "NAME [--] COMMAND...";
    }

    @Override
    protected boolean stopsAtOperand() {
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
                user.text(),
                directory.text(),
                withTerminal,
                size == null ? null : size.columns(),
                size == null ? null : size.rows(),
                !noInput.isSet());
        try (ServerStream stream = session().daemon().exec(name.text(), request)) {
            int status = onTerminal ? onTerminal(stream) : plain(stream);
            return status == Relay.NO_STATUS ? FAILURE : status;
        }
    }

    private boolean wantsTerminal() {
        if (terminal.isSet() && noTerminal.isSet()) {
            throw new UsageException("-t and -T exclude each other", null);
        }
        return terminal.isSet() || !noTerminal.isSet() && session().terminals().in() && session().terminals().out();
    }

    private List<String> command() {
        List<String> command = hasDashes() ? afterDashes() : words.all();
        if (hasDashes() && !words.all().isEmpty()) {
            throw new UsageException("the command stands before and behind --", "trefoil exec " + name.text() + " -- COMMAND");
        }
        if (command.isEmpty()) {
            throw new UsageException("which command?", "trefoil exec " + name.text() + " -- bash");
        }
        if (!hasDashes() && command.getFirst().startsWith("-")) {
            throw new UsageException("options stand before the server's name, or -- before the command", "trefoil exec " + name.text() + " -- bash");
        }
        return command;
    }

    private Map<String, String> variables(boolean withTerminal) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (withTerminal) {
            Environment.put(variables, "TERM", session().environment());
        }
        environment.all().forEach(word -> Environment.put(variables, word, session().environment()));
        return variables.isEmpty() ? null : variables;
    }

    private int onTerminal(ServerStream stream) throws IOException {
        Relay relay = new Relay(session(), stream);
        try (RawTerminal _ = RawTerminal.raw()) {
            relay.followSize();
            if (!noInput.isSet()) {
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
        if (!noInput.isSet()) {
            relay.forwardInput();
        }
        return relay.run();
    }
}
