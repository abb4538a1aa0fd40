package trefoil.cli.output;

import java.util.List;
import trefoil.api.JsonValue;

/** Columns of the steps of a launch plan. */
public final class PlanColumns implements Columns {
    private static final List<String> ALL = List.of("where", "call", "why");

    @Override
    public List<String> all() {
        return ALL;
    }

    @Override
    public List<String> standard() {
        return ALL;
    }

    @Override
    public String cell(JsonValue step, String column) {
        return Columns.text(step, column);
    }
}
