package trefoil.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.Image;
import trefoil.api.Network;
import trefoil.api.Operation;
import trefoil.api.Server;
import trefoil.client.TrefoilClient;

/** {@code trefoil demo --stop}: takes back what the demo made, and nothing else. */
final class Teardown {
    private final Host host;
    private final boolean purge;

    /** @param purge removes images as well */
    Teardown(Host host, boolean purge) {
        this.host = host;
        this.purge = purge;
    }

    int run() throws DemoException, IOException, InterruptedException {
        if (!host.daemonRuns()) {
            if (!host.marked()) {
                host.say("Nothing to stop: no daemon runs, and the demo started none.");
                return 0;
            }
            // It was killed, or the host was started anew: only a daemon can take down what is left.
            host.startDaemon();
        }
        try (TrefoilClient client = host.client()) {
            boolean deleted = deleteServers(client);
            if (purge) {
                deleteImages(client);
            }
            if (!host.marked()) {
                host.say("The daemon goes on: the demo did not start it.");
                return deleted ? 0 : 1;
            }
            return deleted && stopDaemon(client) ? 0 : 1;
        }
    }

    /** Deletes the demo's servers, all at once. */
    private boolean deleteServers(TrefoilClient client) throws IOException {
        List<Operation> operations = new ArrayList<>();
        for (Server server : client.servers()) {
            if (Exhibit.isDemos(server)) {
                host.say("deleting " + server.name());
                operations.add(client.delete(server.name(), true));
            }
        }
        boolean all = true;
        for (Operation operation : operations) {
            Operation ended = client.await(operation, null, now -> {});
            if (ended.error() != null) {
                Main.print(ended.error(), host.messages());
                all = false;
            }
        }
        return all;
    }

    private void deleteImages(TrefoilClient client) throws IOException {
        List<String> shown = Exhibit.ALL.stream().map(Exhibit::image).toList();
        for (Image image : client.images()) {
            boolean demos = image.aliases() != null && image.aliases().stream().anyMatch(shown::contains);
            if (demos && (image.usedBy() == null || image.usedBy().isEmpty())) {
                host.say("deleting image " + String.join(", ", image.aliases()));
                client.deleteImage(image.fingerprint());
            } else if (demos) {
                host.say("keeping image " + String.join(", ", image.aliases()) + ": used by " + String.join(", ", image.usedBy()));
            }
        }
    }

    /** Ends the daemon that the demo started, unless the user has servers of their own by now. */
    private boolean stopDaemon(TrefoilClient client) throws IOException {
        List<Server> others = client.servers();
        if (!others.isEmpty()) {
            host.say("The daemon goes on for " + String.join(", ", others.stream().map(Server::name).toList()) + ".");
            return true;
        }
        for (Network network : client.networks()) {
            host.say("deleting network " + network.name());
            client.deleteNetwork(network.name());
        }
        List<Image> kept = client.images();
        host.say("stopping the daemon");
        client.shutdown(true);
        host.unmark();
        host.say("Removed: servers, networks, daemon.");
        if (!kept.isEmpty()) {
            long bytes = kept.stream().mapToLong(Image::size).sum();
            host.say("Kept: images of " + Summary.bytes(bytes) + " in " + host.place().state()
                    + ", so that the next demo starts in seconds. To remove them too: " + host.command() + " demo --stop --purge");
        }
        return true;
    }
}
