package trefoil.cli.output;

import java.util.List;
import trefoil.api.Network;

/** Columns of networks. */
public final class NetworkColumns implements Columns<Network> {
    private static final List<String> ALL = List.of("name", "ipv4", "ipv6", "nat", "domain", "bridge", "used-by", "description");
    private static final List<String> STANDARD = List.of("name", "ipv4", "ipv6", "nat", "bridge", "used-by");

    @Override
    public List<String> all() {
        return ALL;
    }

    @Override
    public List<String> standard() {
        return STANDARD;
    }

    @Override
    public String cell(Network network, String column) {
        String text = switch (column) {
            case "name" -> network.name();
            case "ipv4" -> network.ipv4();
            case "ipv6" -> network.ipv6();
            case "nat" -> Boolean.FALSE.equals(network.nat()) ? "no" : "yes";
            case "domain" -> network.domain();
            case "bridge" -> network.bridge();
            case "used-by" -> network.usedBy() == null ? "" : String.join("\n", network.usedBy());
            default -> network.description();
        };
        return text == null ? "" : text;
    }
}
