package trefoil.cli.output;

import java.util.List;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;
import trefoil.api.PortForward;
import trefoil.cli.value.Ports;
import trefoil.cli.value.Size;

/** Columns of servers. */
public final class ServerColumns implements Columns {
    private static final List<String> ALL = List.of(
            "name", "kind", "status", "usable", "image", "os", "addresses", "ipv4", "ipv6", "pid", "created", "started", "memory",
            "cpus", "disk", "network", "ports", "restart", "autostart", "description", "error", "fingerprint");
    private static final List<String> STANDARD = List.of("name", "kind", "status", "image", "addresses");

    @Override
    public List<String> all() {
        return ALL;
    }

    @Override
    public List<String> standard() {
        return STANDARD;
    }

    @Override
    public String cell(JsonValue server, String column) {
        return switch (column) {
            case "usable" -> yes(Columns.text(server, column));
            case "addresses" -> Columns.lines(server, column);
            case "ipv4" -> addresses(server, '.');
            case "ipv6" -> addresses(server, ':');
            case "created", "started" -> instant(Columns.text(server, column));
            case "memory", "cpus", "disk", "network", "ports", "restart", "autostart", "description" ->
                configured(server.member("config"), column);
            default -> Columns.text(server, column);
        };
    }

    private static String configured(JsonValue config, String column) {
        if (config == null) {
            return "";
        }
        return switch (column) {
            case "memory" -> size(Columns.text(config.member("limits"), "memoryCap"));
            case "cpus" -> Columns.text(config.member("limits"), "cpuCap");
            case "disk" -> size(Columns.text(config.member("limits"), "disk"));
            case "ports" -> ports(config.member("ports"));
            case "autostart" -> yes(Columns.text(config, column));
            default -> Columns.text(config, column);
        };
    }

    private static String yes(String truth) {
        return truth.equals("true") ? "yes" : "no";
    }

    private static String instant(String millis) {
        return millis.isEmpty() ? "" : Instants.show(Long.parseLong(millis));
    }

    private static String size(String bytes) {
        return bytes.isEmpty() ? "" : Size.show(Long.parseLong(bytes));
    }

    private static String ports(JsonValue ports) {
        StringBuilder text = new StringBuilder();
        if (ports != null) {
            for (JsonValue port : ports.elements()) {
                text.append(text.isEmpty() ? "" : "\n").append(Ports.show(JsonTypes.lenient(PortForward.class).fromJson(port.octets())));
            }
        }
        return text.toString();
    }

    /** The addresses that hold a character: a point for IPv4, a colon for IPv6. */
    private static String addresses(JsonValue server, char mark) {
        StringBuilder text = new StringBuilder();
        for (String address : Columns.lines(server, "addresses").split("\n")) {
            if (address.indexOf(mark) >= 0) {
                text.append(text.isEmpty() ? "" : "\n").append(address);
            }
        }
        return text.toString();
    }
}
