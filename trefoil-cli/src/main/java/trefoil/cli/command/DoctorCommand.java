package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import trefoil.api.Finding;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;
import trefoil.cli.output.FindingColumns;
import trefoil.cli.output.Format;
import trefoil.cli.output.Listing;
import trefoil.cli.output.Safe;
import trefoil.cli.syntax.Manual;

/** {@code trefoil doctor}. */
public final class DoctorCommand extends Subcommand {
    private static final FindingColumns COLUMNS = new FindingColumns();

    private final FormatOptions options = new FormatOptions(syntax(), COLUMNS, "text");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Looks for what keeps this host from running servers well.

                Exit code 1 when there is an error among the findings.
                """,
                """
                trefoil doctor
                trefoil doctor -f compact -c level,check,message
                """);
    }

    @Override
    protected int run() throws IOException {
        Format chosen = options.check();
        List<Finding> findings = session().daemon().doctor();
        if (chosen == null) {
            findings.forEach(this::print);
        } else {
            JsonValue rows = JsonValue.of(JsonTypes.listOf(Finding.class).toJson(findings));
            options.print(session(), chosen, new Listing(rows.elements(), COLUMNS));
        }
        return findings.stream().anyMatch(finding -> "error".equals(finding.level())) ? 1 : 0;
    }

    private void print(Finding finding) {
        PrintStream out = session().out();
        String level = String.valueOf(finding.level());
        String padded = level + " ".repeat(Math.max(0, 8 - level.length()));
        out.println((session().colourOut() ? colour(level) + padded + "\033[0m" : padded) + " " + Safe.line(finding.check()) + ": "
                + Safe.line(finding.message()));
        if (finding.next() != null && !"ok".equals(level)) {
            out.println("         try: " + Safe.line(finding.next()));
        }
    }

    private static String colour(String level) {
        return switch (level) {
            case "ok" -> "\033[32m";
            case "warning" -> "\033[33m";
            default -> "\033[31m";
        };
    }
}
