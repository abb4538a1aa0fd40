package trefoil.cli.command;

import java.io.IOException;
import trefoil.cli.output.Format;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;

/** {@code trefoil info}. */
public final class InfoCommand extends Subcommand {
    private final Value format = value("-f", "--format", "FORMAT", "text, json or yaml; text where not set.");

    private final Operand name = optionalOperand("NAME", "A server.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shows a server in full: state, addresses, limits, use, pressure. Without a name, shows the host and its ledger.
                """,
                """
                trefoil info web1
                trefoil info -f json
                """);
    }

    @Override
    protected int run() throws IOException {
        Format chosen = Format.orText(format.text("text"));
        if (chosen == null) {
            Information.print(session(), name.text());
        } else {
            Information.print(session(), name.text(), chosen);
        }
        return 0;
    }
}
