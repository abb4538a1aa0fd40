package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.Network;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;

/** {@code trefoil network create}. */
public final class NetworkCreate extends Subcommand {
    private final Operand name = operand("NAME", "1 to 15 characters of a-z 0-9 -.");

    private final Value ipv4 = value("--ipv4", "ADDRESS/LENGTH", "The gateway's address and prefix length, or none; chosen where not set.");

    private final Value ipv6 = value("--ipv6", "ADDRESS/LENGTH", "The same for IPv6.");

    private final Flag noNat = flag("--no-nat", "Servers do not reach out behind the host's address.");

    private final Value domain = value("--domain", "DOMAIN", "DNS domain of the servers; trefoil where not set.");

    private final Value description = value("--description", "TEXT", "Free text.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Makes a network: a bridge with DHCP and DNS, isolated from other networks.
                """,
                """
                trefoil network create lab --ipv4 10.99.0.1/24 --ipv6 none
                """);
    }

    @Override
    protected int run() throws IOException {
        Network wanted = new Network(
                name.text(), ipv4.text(), ipv6.text(), noNat.isSet() ? false : null, domain.text(), null, null, description.text());
        Network made = session().daemon().createNetwork(wanted);
        session().say("network " + made.name() + " made: " + made.ipv4() + ", " + made.ipv6() + ", bridge " + made.bridge());
        return 0;
    }
}
