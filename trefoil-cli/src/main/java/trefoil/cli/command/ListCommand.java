package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import trefoil.cli.output.Format;
import trefoil.cli.output.ServerColumns;
import trefoil.cli.output.ServerFilter;

/** {@code trefoil list}, for the command lines that {@code HotCommands} leaves to picocli. */
@Command(
        sortOptions = false,
        description = "Lists servers.",
        footer = {
            "",
            "Columns: name kind status usable image os addresses ipv4 ipv6 pid created started memory cpus disk network ports restart autostart"
                    + " description error fingerprint.",
            "",
            "Examples:",
            "  trefoil list status=running kind=os",
            "  trefoil list 'name=web*' -c name,ipv4,memory",
            "  trefoil list -f json"
        })
public final class ListCommand extends Subcommand {
    @Mixin
    private FormatOptions options = new FormatOptions();

    @Parameters(
            paramLabel = "FILTER",
            arity = "0..*",
            description = "Conditions on name, status, kind, image, os, network, usable or description, such as status=running;"
                    + " a value may hold * and ? and list alternatives behind commas. A word without = is a name.")
    private List<String> filters = new ArrayList<>();

    @Override
    protected int run() throws IOException {
        Format format = options.format();
        ServerFilter filter = new ServerFilter(filters);
        ServerColumns.LISTING.columns().choose(options.columns());
        ServerColumns.LISTING.print(session().out(), format, options.columns(), filter.apply(session().daemon().servers()));
        return 0;
    }
}
