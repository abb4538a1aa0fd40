package trefoil.cli.output;

import java.util.List;
import trefoil.api.JsonValue;

/** Columns of networks. */
public final class NetworkColumns implements Columns {
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
    public String cell(JsonValue network, String column) {
        return switch (column) {
            case "nat" -> "false".equals(network.string("nat")) ? "no" : "yes";
            case "used-by" -> Columns.lines(network, "usedBy");
            default -> Columns.text(network, column);
        };
    }
}
