package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import trefoil.api.Event;
import trefoil.api.JsonTypes;
import trefoil.cli.output.Instants;
import trefoil.cli.output.Safe;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;
import trefoil.cli.value.UsageException;
import trefoil.client.EventStream;

/** {@code trefoil events}. */
public final class EventsCommand extends Subcommand {
    private final Value type = value("--type", "TYPE", "Only lifecycle, operation or warning.");

    private final Value format = value("-f", "--format", "FORMAT", "text, or json: one object a line; text where not set.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows events as they happen, until it is interrupted.
                """,
                """
                trefoil events --type lifecycle
                trefoil events -f json | jq .action
                """);
    }

    @Override
    protected int run() throws IOException {
        String chosen = format.text("text");
        if (!chosen.equals("text") && !chosen.equals("json")) {
            throw new UsageException("events are printed as text or json", null);
        }
        PrintStream out = session().out();
        try (EventStream events = session().daemon().events(type.text())) {
            for (Event event = events.next(); event != null && !out.checkError(); event = events.next()) {
                out.println(chosen.equals("json") ? JsonTypes.of(Event.class).toJson(event) : line(event));
                out.flush();
            }
        }
        session().say("the daemon ended");
        return 0;
    }

    private static String line(Event event) {
        StringBuilder line = new StringBuilder(Instants.show(event.at()));
        line.append("  ").append(event.type()).append("  ").append(event.action()).append("  ").append(event.resource());
        if (event.details() != null) {
            for (Map.Entry<String, String> detail : event.details().entrySet()) {
                line.append("  ").append(detail.getKey()).append('=').append(detail.getValue());
            }
        }
        return Safe.line(line.toString());
    }
}
