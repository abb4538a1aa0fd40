package trefoil.cli.command;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.api.Network;

/** {@code trefoil network create}. */
@Command(
        sortOptions = false,
        description = "Makes a network: a bridge with DHCP and DNS, isolated from other networks.",
        footer = {"", "Example: trefoil network create lab --ipv4 10.99.0.1/24 --ipv6 none"})
public final class NetworkCreate extends Subcommand {
    @Parameters(paramLabel = "NAME", description = "1 to 15 characters of a-z 0-9 -.")
    private String name;

    @Option(names = "--ipv4", paramLabel = "ADDRESS/LENGTH", description = "The gateway's address and prefix length, or none; chosen where not set.")
    private String ipv4;

    @Option(names = "--ipv6", paramLabel = "ADDRESS/LENGTH", description = "The same for IPv6.")
    private String ipv6;

    @Option(names = "--no-nat", description = "Servers do not reach out behind the host's address.")
    private boolean noNat;

    @Option(names = "--domain", paramLabel = "DOMAIN", description = "DNS domain of the servers; trefoil where not set.")
    private String domain;

    @Option(names = "--description", paramLabel = "TEXT", description = "Free text.")
    private String description;

    @Override
    protected int run() throws IOException {
        Network wanted = new Network(name, ipv4, ipv6, noNat ? false : null, domain, null, null, description);
        Network made = session().daemon().createNetwork(wanted);
        session().say("network " + made.name() + " made: " + made.ipv4() + ", " + made.ipv6() + ", bridge " + made.bridge());
        return 0;
    }
}
