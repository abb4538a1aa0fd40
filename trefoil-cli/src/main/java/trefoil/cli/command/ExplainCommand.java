package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;
import trefoil.api.PlanStep;
import trefoil.cli.output.Format;
import trefoil.cli.output.Listing;
import trefoil.cli.output.PlanColumns;
import trefoil.cli.output.Safe;
import trefoil.cli.syntax.Manual;

/** {@code trefoil explain}. */
public final class ExplainCommand extends ServerOptions {
    private static final PlanColumns COLUMNS = new PlanColumns();

    private final FormatOptions options = new FormatOptions(syntax(), COLUMNS, "text");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows the steps that launch would take with the same options, system call by system call, and takes none of them.
                """,
                """
                trefoil explain debian:12 --memory 1GiB
                trefoil explain busybox -f json
                """);
    }

    @Override
    protected int run() throws IOException {
        Format chosen = options.check();
        List<PlanStep> steps = session().daemon().plan(config());
        if (chosen == null) {
            print(steps);
        } else {
            JsonValue rows = JsonValue.of(JsonTypes.listOf(PlanStep.class).toJson(steps));
            options.print(session(), chosen, new Listing(rows.elements(), COLUMNS));
        }
        return 0;
    }

    private void print(List<PlanStep> steps) {
        PrintStream out = session().out();
        int number = 0;
        for (PlanStep step : steps) {
            String head = (++number < 10 ? " " : "") + number + "  " + step.where();
            out.println(head + " ".repeat(Math.max(1, 12 - head.length())) + Safe.line(step.call()));
            if (step.why() != null && !step.why().isEmpty()) {
                out.println(" ".repeat(12) + "# " + Safe.line(step.why()));
            }
        }
    }
}
