package trefoil.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A server of a test, deleted when the test closes it. */
final class Guest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Host host;
    private String name;

    private Guest(Host host, String name) {
        this.host = host;
        this.name = name;
    }

    /** Launches a server and waits until it is usable. */
    static Guest launch(Host host, String image, String name, String... options) {
        List<String> arguments = new ArrayList<>(List.of("launch", image, name));
        arguments.addAll(Arrays.asList(options));
        Outcome outcome = host.trefoil(arguments.toArray(String[]::new));
        if (outcome.status() != 0) {
            host.trefoil("delete", name, "--force");
        }
        outcome.ok();
        return new Guest(host, name);
    }

    String name() {
        return name;
    }

    /** Runs a command in it. */
    Outcome exec(String... command) {
        return exec(new byte[0], command);
    }

    /** Runs a command in it with {@code input} on its standard input. */
    Outcome exec(byte[] input, String... command) {
        List<String> arguments = new ArrayList<>(List.of("exec", name, "--"));
        arguments.addAll(Arrays.asList(command));
        return host.trefoil(input, arguments.toArray(String[]::new));
    }

    /** Runs a line of shell in it, which must succeed, and returns what it wrote, without the last line end. */
    String sh(String line) {
        return exec("sh", "-c", line).ok().out().stripTrailing();
    }

    /** What {@code list --format json} says of it. */
    Map<String, Object> row() {
        return host.trefoil("list", "--format", "json").ok().objects().stream()
                .filter(row -> name.equals(row.get("name")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("list does not show " + name));
    }

    String status() {
        return (String) row().get("status");
    }

    /** Its first IPv4 address. */
    String address() {
        return addresses().stream().filter(address -> address.contains(".")).findFirst().orElseThrow(() ->
                new AssertionError(name + " has no IPv4 address: " + row()));
    }

    private List<String> addresses() {
        Object addresses = row().get("addresses");
        assertThat(addresses).isInstanceOf(List.class);
        return ((List<?>) addresses).stream().map(String::valueOf).toList();
    }

    /** What the API says of it. */
    Map<String, Object> server() {
        return host.query("/1.0/servers/" + name);
    }

    /** What it uses now. */
    Map<String, Object> usage() {
        return host.query("/1.0/servers/" + name + "/usage");
    }

    /** One figure of what it uses now. */
    long usage(String member) {
        return ((Number) usage().get(member)).longValue();
    }

    void awaitStatus(String status) {
        Awaitility.await(name + " to be " + status)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> status.equals(status()));
    }

    /** Waits until it can be worked with again. */
    void awaitUsable() {
        Awaitility.await(name + " to be usable")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> Boolean.TRUE.equals(server().get("usable")));
    }

    /** Renames it; it must be stopped. */
    void rename(String newName) {
        host.trefoil("rename", name, newName).ok();
        name = newName;
    }

    @Override
    public void close() {
        host.trefoil("delete", name, "--force").ok();
    }
}
