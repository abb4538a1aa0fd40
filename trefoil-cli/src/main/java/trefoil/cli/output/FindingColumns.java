package trefoil.cli.output;

import java.util.List;
import trefoil.api.JsonValue;

/** Columns of what {@code trefoil doctor} finds. */
public final class FindingColumns implements Columns {
    private static final List<String> ALL = List.of("level", "check", "message", "next");

    @Override
    public List<String> all() {
        return ALL;
    }

    @Override
    public List<String> standard() {
        return ALL;
    }

    @Override
    public String cell(JsonValue finding, String column) {
        return Columns.text(finding, column);
    }
}
