package trefoil.cli.output;

import java.util.List;
import trefoil.api.Limits;
import trefoil.api.PortForward;
import trefoil.api.Server;
import trefoil.cli.value.Ports;
import trefoil.cli.value.Size;

/** Columns of servers. */
public final class ServerColumns implements Columns<Server> {
    /** Servers in any format. */
    public static final Listing<Server> LISTING = new Listing<>(Server.class, new ServerColumns());

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
    public String cell(Server server, String column) {
        return switch (column) {
            case "name" -> server.name();
            case "kind" -> text(server.kind());
            case "status" -> text(server.status());
            case "usable" -> server.usable() ? "yes" : "no";
            case "image" -> text(server.image());
            case "os" -> text(server.os());
            case "addresses" -> addresses(server, '.', ':');
            case "ipv4" -> addresses(server, '.', '.');
            case "ipv6" -> addresses(server, ':', ':');
            case "pid" -> text(server.pid());
            case "created" -> Instants.show(server.created());
            case "started" -> server.started() == null ? "" : Instants.show(server.started());
            case "error" -> text(server.error());
            case "fingerprint" -> text(server.fingerprint());
            default -> configured(server, column);
        };
    }

    private static String configured(Server server, String column) {
        if (server.config() == null) {
            return "";
        }
        Limits limits = server.config().limits() == null ? Limits.NONE : server.config().limits();
        return switch (column) {
            case "memory" -> limits.memoryCap() == null ? "" : Size.show(limits.memoryCap());
            case "cpus" -> text(limits.cpuCap());
            case "disk" -> limits.disk() == null ? "" : Size.show(limits.disk());
            case "network" -> text(server.config().network());
            case "ports" -> ports(server.config().ports());
            case "restart" -> text(server.config().restart());
            case "autostart" -> Boolean.TRUE.equals(server.config().autostart()) ? "yes" : "no";
            default -> text(server.config().description());
        };
    }

    private static String ports(List<PortForward> ports) {
        StringBuilder text = new StringBuilder();
        if (ports != null) {
            for (PortForward port : ports) {
                text.append(text.isEmpty() ? "" : "\n").append(Ports.show(port));
            }
        }
        return text.toString();
    }

    /** The addresses that hold one of two characters: a point for IPv4, a colon for IPv6. */
    private static String addresses(Server server, char one, char other) {
        StringBuilder text = new StringBuilder();
        if (server.addresses() != null) {
            for (String address : server.addresses()) {
                if (address.indexOf(one) >= 0 || address.indexOf(other) >= 0) {
                    text.append(text.isEmpty() ? "" : "\n").append(address);
                }
            }
        }
        return text.toString();
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }
}
