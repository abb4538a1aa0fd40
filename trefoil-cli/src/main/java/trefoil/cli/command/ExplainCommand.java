package trefoil.cli.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.PlanStep;
import trefoil.cli.output.Format;
import trefoil.cli.output.Listing;
import trefoil.cli.output.PlanColumns;
import trefoil.cli.output.Safe;

/** {@code trefoil explain}. */
@Command(
        sortOptions = false,
        customSynopsis = "trefoil explain [OPTIONS] IMAGE [NAME] [-- COMMAND...]",
        description = "Shows the steps that launch would take with the same options, system call by system call, and takes none of them.")
public final class ExplainCommand extends ServerOptions {
    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", description = "text, table, compact, csv, json or yaml; text where not set.")
    private String format = "text";

    @Override
    protected int run() throws IOException {
        Format chosen = format.equals("text") ? null : Format.of(format);
        List<PlanStep> steps = session().daemon().plan(config());
        if (chosen == null) {
            print(steps);
        } else {
            new Listing<>(PlanStep.class, new PlanColumns()).print(session().out(), chosen, null, steps);
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
