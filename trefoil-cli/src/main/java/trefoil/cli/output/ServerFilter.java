package trefoil.cli.output;

import java.util.ArrayList;
import java.util.List;
import trefoil.api.Server;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.UsageException;

/**
 * Conditions such as {@code status=running kind=os name=web*}; a server must meet all. A value may list alternatives
 * separated by commas and hold {@code *} and {@code ?}; a word without {@code =} is a condition on the name.
 */
public final class ServerFilter {
    private static final List<String> KEYS = List.of("name", "status", "kind", "image", "os", "network", "usable", "description");
    private static final ServerColumns COLUMNS = new ServerColumns();

    private record Condition(String key, List<String> patterns) {}

    private final List<Condition> conditions = new ArrayList<>();

    /** The conditions that words on a command line state. */
    public ServerFilter(List<String> words) {
        for (String word : words) {
            int equals = word.indexOf('=');
            String key = equals < 0 ? "name" : word.substring(0, equals);
            if (!KEYS.contains(key)) {
                String near = Nearest.to(key, KEYS);
                throw new UsageException(
                        "servers cannot be filtered by \"" + key + "\"" + (near == null ? "" : "; did you mean " + near + "?"),
                        "one of " + String.join(", ", KEYS) + ", such as status=running");
            }
            conditions.add(new Condition(key, List.of(word.substring(equals + 1).split(",", -1))));
        }
    }

    /** Those of {@code servers} that meet all conditions. */
    public List<Server> apply(List<Server> servers) {
        if (conditions.isEmpty()) {
            return servers;
        }
        List<Server> met = new ArrayList<>();
        for (Server server : servers) {
            if (meets(server)) {
                met.add(server);
            }
        }
        return met;
    }

    private boolean meets(Server server) {
        for (Condition condition : conditions) {
            String value = COLUMNS.cell(server, condition.key);
            boolean any = false;
            for (String pattern : condition.patterns) {
                any |= matches(pattern, value);
            }
            if (!any) {
                return false;
            }
        }
        return true;
    }

    /** Matches with one point of return, the last {@code *}, so that no pattern takes more than its length times the value's. */
    static boolean matches(String pattern, String value) {
        int p = 0;
        int v = 0;
        int star = -1;
        int mark = 0;
        while (v < value.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = v;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == value.charAt(v))) {
                p++;
                v++;
            } else if (star >= 0) {
                p = star + 1;
                v = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
