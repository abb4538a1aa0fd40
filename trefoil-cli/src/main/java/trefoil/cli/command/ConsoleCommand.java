package trefoil.cli.command;

import java.io.IOException;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.terminal.RawTerminal;
import trefoil.cli.terminal.Relay;
import trefoil.cli.terminal.TerminalSize;
import trefoil.client.ServerStream;

/** {@code trefoil console}. */
public final class ConsoleCommand extends Subcommand {
    private final Operand name = operand("NAME", "The server.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Attaches to a server's console: what it wrote last, then what it writes, and your keys to it.

                Ctrl-a q leaves; the server goes on. Ctrl-a Ctrl-a sends one Ctrl-a. Several may be attached at a time.
                """,
                """
                trefoil console web1
                """);
    }

    @Override
    protected int run() throws IOException {
        String server = name.text();
        boolean onTerminal = session().terminals().in();
        TerminalSize size = onTerminal ? TerminalSize.ofThis() : null;
        try (ServerStream stream = session()
                .daemon()
                .console(server, size == null ? null : size.columns(), size == null ? null : size.rows())) {
            session().say("attached to the console of " + server + "; Ctrl-a q leaves");
            session().err().flush();
            Relay relay = new Relay(session(), stream);
            int status = onTerminal ? onTerminal(relay) : piped(relay);
            session().say((onTerminal ? "\n" : "") + (relay.left() ? "left the console of " + server : "the console of " + server + " ended"));
            return Math.max(status, 0);
        }
    }

    private static int onTerminal(Relay relay) throws IOException {
        try (RawTerminal _ = RawTerminal.raw()) {
            relay.followSize();
            relay.forwardKeys();
            return relay.run();
        }
    }

    private static int piped(Relay relay) throws IOException {
        relay.forwardKeys();
        return relay.run();
    }
}
