package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.Event;
import trefoil.api.JsonTypes;
import trefoil.cli.output.Instants;
import trefoil.cli.output.Safe;
import trefoil.cli.value.UsageException;
import trefoil.client.EventStream;

/** {@code trefoil events}. */
@Command(sortOptions = false, description = "Shows events as they happen, until it is interrupted.")
public final class EventsCommand extends Subcommand {
    @Option(names = "--type", paramLabel = "TYPE", description = "Only lifecycle, operation or warning.")
    private String type;

    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "text, or json: one object a line; text where not set.")
    private String format = "text";

    @Override
    protected int run() throws IOException {
        if (!format.equals("text") && !format.equals("json")) {
            throw new UsageException("events are printed as text or json", null);
        }
        PrintStream out = session().out();
        try (EventStream events = session().daemon().events(type)) {
            for (Event event = events.next(); event != null && !out.checkError(); event = events.next()) {
                out.println(format.equals("json") ? JsonTypes.of(Event.class).toJson(event) : line(event));
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
