package trefoil.cli.command;

import java.io.IOException;
import trefoil.api.ApiException;
import trefoil.cli.session.Complaint;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operands;
import trefoil.client.TrefoilClient;

/** {@code trefoil image delete} and {@code trefoil network delete}: deletes each that is named and tells every failure. */
final class RemoveCommand extends Subcommand {
    private interface Removal {
        void remove(TrefoilClient daemon, String name) throws IOException;
    }

    private final Removal removal;
    private final Manual manual;
    private final Operands names;

    private RemoveCommand(Removal removal, String label, String description, Manual manual) {
        this.removal = removal;
        this.manual = manual;
        this.names = operands(1, label, description);
    }

    static RemoveCommand ofImages() {
        return new RemoveCommand(
                TrefoilClient::deleteImage,
                "IMAGE",
                "Aliases or fingerprints.",
                new Manual("Deletes images. One from which servers are made is refused.", "trefoil image delete debian:12\n"));
    }

    static RemoveCommand ofNetworks() {
        return new RemoveCommand(
                TrefoilClient::deleteNetwork,
                "NETWORK",
                "Their names.",
                new Manual("Deletes networks. One with servers on it is refused.", "trefoil network delete lab\n"));
    }

    @Override
    protected Manual manual() {
        return manual;
    }

    @Override
    protected int run() throws IOException {
        int failures = 0;
        for (String name : names.all()) {
            try {
                removal.remove(session().daemon(), name);
                session().say(name + " deleted");
            } catch (ApiException e) {
                Complaint.of(e).print(session());
                failures++;
            }
        }
        return failures == 0 ? 0 : 1;
    }
}
