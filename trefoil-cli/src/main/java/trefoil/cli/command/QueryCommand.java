package trefoil.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.cli.output.PrettyJson;
import trefoil.cli.value.UsageException;

/** {@code trefoil query}. */
@Command(
        sortOptions = false,
        description = "Sends a request to the daemon's API and prints the metadata of its answer.",
        footer = {"", "Examples:", "  trefoil query /1.0/servers", "  trefoil query -X PUT -d '{\"action\":\"stop\"}' /1.0/servers/web1/state"})
public final class QueryCommand extends Subcommand {
    @Option(names = {"-X", "--request"}, paramLabel = "METHOD", description = "GET where not set, POST with --data.")
    private String method;

    @Option(names = {"-d", "--data"}, paramLabel = "JSON", description = "Body; @FILE reads a file, - standard input.")
    private String data;

    @Option(names = "--raw", description = "Print the JSON as it came.")
    private boolean raw;

    @Parameters(paramLabel = "PATH", description = "Path and query, percent-encoded, beginning with /1.0.")
    private String path;

    @Override
    protected int run() throws IOException {
        if (!path.equals("/1.0") && !path.startsWith("/1.0/") && !path.startsWith("/1.0?")) {
            throw new UsageException("\"" + path + "\" is not a path of the API: it begins with /1.0", "trefoil query /1.0/servers");
        }
        String verb = method == null ? (data == null ? "GET" : "POST") : method.toUpperCase(Locale.ROOT);
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) <= ' ' || path.charAt(i) >= 0x7f) {
                throw new UsageException("percent-encode what is not visible ASCII in \"" + path + "\"", null);
            }
        }
        String answer = session().daemon().query(verb, path, data == null ? null : body());
        if (answer != null) {
            print(answer);
        }
        return 0;
    }

    private String body() throws IOException {
        if (data.equals("-")) {
            return new String(session().in().readAllBytes(), StandardCharsets.UTF_8);
        }
        return data.startsWith("@") ? Files.readString(Path.of(data.substring(1))) : data;
    }

    private void print(String answer) {
        if (raw) {
            session().out().println(answer);
            return;
        }
        try {
            PrettyJson.print(session().out(), answer);
        } catch (IllegalArgumentException e) {
            // Not JSON, such as a log: it is printed as it came.
            session().out().print(answer);
        }
    }
}
