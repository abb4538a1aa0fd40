package trefoil.daemon.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One route.
 *
 * @param method {@code GET}, {@code POST}, {@code PUT}, {@code PATCH} or {@code DELETE}; a GET answers HEAD too
 * @param template path with {@code {name}} for parts that vary, as in {@code /1.0/servers/{name}}
 * @param description what it does, as {@code openapi.yaml} says it
 * @param endpoint answers it
 */
public record Route(String method, String template, String description, Endpoint endpoint) {
    /** The varying parts of a path that has this template's form; {@code null} when it has not. */
    Map<String, String> match(List<String> segments) {
        String[] wanted = template.substring(1).split("/");
        if (wanted.length != segments.size()) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            String given = segments.get(i);
            if (wanted[i].startsWith("{")) {
                if (given.isEmpty()) {
                    return null;
                }
                parameters.put(wanted[i].substring(1, wanted[i].length() - 1), given);
            } else if (!wanted[i].equals(given)) {
                return null;
            }
        }
        return parameters;
    }
}
