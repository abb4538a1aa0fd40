package trefoil.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import trefoil.api.JsonValue;
import trefoil.cli.output.PrettyJson;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;
import trefoil.cli.value.UsageException;

/** {@code trefoil query}. */
public final class QueryCommand extends Subcommand {
    private final Value method = value("-X", "--request", "METHOD", "GET where not set, POST with --data.");

    private final Value data = value("-d", "--data", "JSON", "Body; @FILE reads a file, - standard input.");

    private final Flag raw = flag("--raw", "Print the JSON as it came.");

    private final Operand target = operand("PATH", "Path and query, percent-encoded, beginning with /1.0.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Sends a request to the daemon's API and prints the metadata of its answer.
                """,
                """
                trefoil query /1.0/servers
                trefoil query -X PUT -d '{\"action\":\"stop\"}' /1.0/servers/web1/state
                """);
    }

    @Override
    protected int run() throws IOException {
        String path = target.text();
        if (!path.equals("/1.0") && !path.startsWith("/1.0/") && !path.startsWith("/1.0?")) {
            throw new UsageException("\"" + path + "\" is not a path of the API: it begins with /1.0", "trefoil query /1.0/servers");
        }
        String verb = method.text() == null ? (data.text() == null ? "GET" : "POST") : method.text().toUpperCase(Locale.ROOT);
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) <= ' ' || path.charAt(i) >= 0x7f) {
                throw new UsageException("percent-encode what is not visible ASCII in \"" + path + "\"", null);
            }
        }
        String answer = session().daemon().query(verb, path, data.text() == null ? null : body(data.text()));
        if (answer != null) {
            print(answer);
        }
        return 0;
    }

    private String body(String data) throws IOException {
        if (data.equals("-")) {
            return new String(session().in().readAllBytes(), StandardCharsets.UTF_8);
        }
        return data.startsWith("@") ? Files.readString(Path.of(data.substring(1))) : data;
    }

    private void print(String answer) {
        if (raw.isSet()) {
            session().out().println(answer);
            return;
        }
        try {
            PrettyJson.print(session().out(), JsonValue.of(answer));
        } catch (IllegalArgumentException e) {
            // Not JSON, such as a log: it is printed as it came.
            session().out().print(answer);
        }
    }
}
