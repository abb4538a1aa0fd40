package trefoil.cli.value;

import java.util.Map;

/** Variables for a process, as {@code NAME=VALUE}, or {@code NAME} alone for the caller's own. */
public final class Environment {
    private Environment() {}

    /** Adds the variable that {@code word} describes; a lone name that the caller does not have adds nothing. */
    public static void put(Map<String, String> variables, String word, Map<String, String> own) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        if (name.isEmpty()) {
            throw new UsageException("\"" + word + "\" is not a variable such as NAME=VALUE", null);
        }
        String value = equals < 0 ? own.get(name) : word.substring(equals + 1);
        if (value != null) {
            variables.put(name, value);
        }
    }
}
