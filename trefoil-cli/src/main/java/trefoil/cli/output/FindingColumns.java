package trefoil.cli.output;

import java.util.List;
import trefoil.api.Finding;

/** Columns of what {@code trefoil doctor} finds. */
public final class FindingColumns implements Columns<Finding> {
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
    public String cell(Finding finding, String column) {
        String text = switch (column) {
            case "level" -> finding.level();
            case "check" -> finding.check();
            case "message" -> finding.message();
            default -> finding.next();
        };
        return text == null ? "" : text;
    }
}
