package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import trefoil.api.PlanStep;
import trefoil.cli.output.Listing;
import trefoil.cli.output.PlanColumns;

/** {@code trefoil explain}. */
@Command(
        sortOptions = false,
        customSynopsis = "trefoil explain [OPTIONS] IMAGE [NAME] [-- COMMAND...]",
        description = "Shows the steps that launch would take with the same options, system call by system call, and takes none of them.")
public final class ExplainCommand extends ServerOptions {
    @Mixin
    private FormatOptions format = new FormatOptions();

    @Override
    protected int run() throws IOException {
        Listing<PlanStep> listing = new Listing<>(PlanStep.class, new PlanColumns());
        listing.columns().choose(format.columns());
        listing.print(session().out(), format.format(), format.columns(), session().daemon().plan(config()));
        return 0;
    }
}
