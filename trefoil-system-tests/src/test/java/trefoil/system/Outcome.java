package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * How a command ended.
 *
 * @param command what was run
 * @param status exit status
 * @param octets standard output
 * @param err standard error
 */
record Outcome(List<String> command, int status, byte[] octets, String err) {
    /** Standard output as text. */
    String out() {
        return new String(octets, StandardCharsets.UTF_8);
    }

    /** Fails unless the command exited with {@code expected}. */
    Outcome exits(int expected) {
        assertThat(status).as("exit status of %s", this).isEqualTo(expected);
        return this;
    }

    /** Fails unless the command succeeded. */
    Outcome ok() {
        return exits(0);
    }

    /** Standard output as a JSON array of objects. */
    List<Map<String, Object>> objects() {
        return Jsonb.instance().type(Object.class).list().fromJson(out()).stream()
                .map(Outcome::object)
                .toList();
    }

    /** Standard output as a JSON object. */
    Map<String, Object> object() {
        return object(Jsonb.instance().type(Object.class).fromJson(out()));
    }

    @SuppressWarnings("unchecked") // avaje reads a JSON object of no type as a map by member name
    private static Map<String, Object> object(Object json) {
        assertThat(json).isInstanceOf(Map.class);
        return (Map<String, Object>) json;
    }

    @Override
    public String toString() {
        return String.join(" ", command) + "\nstatus: " + status + "\nstdout: " + out() + "\nstderr: " + err;
    }
}
