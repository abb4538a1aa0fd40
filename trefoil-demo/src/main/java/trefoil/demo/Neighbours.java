package trefoil.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import trefoil.api.ExecRequest;
import trefoil.client.ServerStream;
import trefoil.client.TrefoilClient;

/** Whether the servers, of whatever kind, reach one another by name: each is asked to ping the others. */
final class Neighbours {
    private static final Pattern TIME = Pattern.compile("time=([0-9.]+ ms)");

    private final TrefoilClient client;

    Neighbours(TrefoilClient client) {
        this.client = client;
    }

    /** Prints a line for each server; whether all reach all. */
    boolean print(List<String> names, PrintStream out) throws IOException {
        boolean all = true;
        for (String from : names) {
            List<String> words = new ArrayList<>();
            for (String to : names) {
                if (!to.equals(from)) {
                    String time = ping(from, to);
                    all &= time != null;
                    words.add(to + (time == null ? " not" : " in " + time));
                }
            }
            out.println(from + " reaches " + String.join(", ", words));
        }
        return all;
    }

    /** How long an answer took, in words; {@code null} when none came. */
    private String ping(String from, String to) throws IOException {
        List<String> command = List.of("ping", "-c", "1", "-W", "5", to);
        StringBuilder said = new StringBuilder();
        try (ServerStream stream = client.exec(from, new ExecRequest(command, Map.of(), null, null, false, null, null, false))) {
            for (ServerStream.Received received = stream.receive(); received instanceof ServerStream.Output output; received = stream.receive()) {
                said.append(StandardCharsets.UTF_8.decode(output.data()));
            }
        }
        Matcher time = TIME.matcher(said);
        return time.find() ? time.group(1) : null;
    }
}
