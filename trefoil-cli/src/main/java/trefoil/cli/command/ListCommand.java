package trefoil.cli.command;

import java.io.IOException;
import trefoil.cli.output.Columns;
import trefoil.cli.output.Filter;
import trefoil.cli.output.Format;
import trefoil.cli.output.ImageColumns;
import trefoil.cli.output.Listing;
import trefoil.cli.output.NetworkColumns;
import trefoil.cli.output.ServerColumns;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operands;

/** {@code trefoil list}, {@code trefoil image list}, {@code trefoil network list}. */
public final class ListCommand extends Subcommand {
    private final String resources;
    private final Columns columns;
    private final String examples;
    private final FormatOptions options;
    private final Operands conditions = operands(
            0,
            "FILTER",
            "Conditions on columns, such as status=running; a value may hold * and ? and list alternatives behind commas."
                    + " A word without = is a name.");

    private ListCommand(String resources, Columns columns, String examples) {
        this.resources = resources;
        this.columns = columns;
        this.examples = examples;
        this.options = new FormatOptions(syntax(), columns, "table");
    }

    static ListCommand ofServers() {
        return new ListCommand(
                "servers",
                new ServerColumns(),
                """
                trefoil list status=running kind=os
                trefoil list 'web*' -c name,ipv4,memory
                trefoil list -f json
                """);
    }

    static ListCommand ofImages() {
        return new ListCommand("images", new ImageColumns(), "trefoil image list 'os=Debian*' -c +used-by\n");
    }

    static ListCommand ofNetworks() {
        return new ListCommand("networks", new NetworkColumns(), "trefoil network list -f yaml\n");
    }

    @Override
    protected Manual manual() {
        return new Manual("Lists " + resources + ".", examples);
    }

    @Override
    protected int run() throws IOException {
        Format format = options.check();
        Filter filter = new Filter(columns, conditions.all());
        options.print(session(), format, new Listing(filter.apply(session().daemon().read(resources).elements()), columns));
        return 0;
    }
}
