package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.JsonValue;
import trefoil.cli.output.Format;
import trefoil.cli.output.PrettyJson;
import trefoil.cli.output.Yaml;
import trefoil.cli.session.Session;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;

/** {@code trefoil image show} and {@code trefoil network show}: one resource as the API tells it. */
final class ShowCommand extends Subcommand {
    private final String resources;
    private final String example;
    private final Value format = value("-f", "--format", "FORMAT", "json or yaml; yaml where not set.");
    private final Operand name;

    private ShowCommand(String resources, String label, String description, String example) {
        this.resources = resources;
        this.example = example;
        this.name = operand(label, description);
    }

    static ShowCommand ofImage() {
        return new ShowCommand("images", "IMAGE", "An alias or a fingerprint.", "trefoil image show debian:12\n");
    }

    static ShowCommand ofNetwork() {
        return new ShowCommand("networks", "NETWORK", "Its name.", "trefoil network show default -f json\n");
    }

    @Override
    protected Manual manual() {
        return new Manual("Shows one of the " + resources + " in full.", example);
    }

    @Override
    protected int run() throws IOException {
        Format chosen = Format.ofWhole(format.text("yaml"));
        print(session(), chosen, session().daemon().read(resources, name.text()));
        return 0;
    }

    /** Prints a value as JSON or YAML. */
    static void print(Session session, Format format, JsonValue value) {
        if (format == Format.JSON) {
            PrettyJson.print(session.out(), value);
        } else {
            Yaml.print(session.out(), value);
        }
    }
}
