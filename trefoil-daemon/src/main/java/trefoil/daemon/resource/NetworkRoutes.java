package trefoil.daemon.resource;

import java.io.IOException;
import java.util.List;
import trefoil.api.Network;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.lifecycle.NetworkRegistry;

/** {@code /1.0/networks}. */
public final class NetworkRoutes {
    private final NetworkRegistry networks;

    /** Over these networks. */
    public NetworkRoutes(NetworkRegistry networks) {
        this.networks = networks;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0/networks", "lists networks", call -> Reply.list(Network.class, networks.list())),
                new Route("POST", "/1.0/networks", "makes a network", this::create),
                new Route("GET", "/1.0/networks/{name}", "describes a network", call -> Reply.json(Network.class, networks.network(call.path("name")))),
                new Route("DELETE", "/1.0/networks/{name}", "deletes a network that no server is on", this::delete));
    }

    private Reply create(Call call) throws IOException {
        return Reply.json(Network.class, networks.create(call.body(Network.class)));
    }

    private Reply delete(Call call) throws IOException {
        networks.delete(call.path("name"));
        return Reply.done();
    }
}
