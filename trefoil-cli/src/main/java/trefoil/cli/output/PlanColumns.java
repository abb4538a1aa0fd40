package trefoil.cli.output;

import java.util.List;
import trefoil.api.PlanStep;

/** Columns of the steps of a launch plan. */
public final class PlanColumns implements Columns<PlanStep> {
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
    public String cell(PlanStep step, String column) {
        String text = switch (column) {
            case "where" -> step.where();
            case "call" -> step.call();
            default -> step.why();
        };
        return text == null ? "" : text;
    }
}
