package trefoil.daemon.resource;

import java.io.IOException;
import java.util.List;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.PlanStep;
import trefoil.api.Rename;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.StateChange;
import trefoil.api.Usage;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.lifecycle.Servers;

/** {@code /1.0/servers}, but for their streams and files. */
public final class ServerRoutes {
    private static final long NORMAL_WAIT_SECONDS = 180;
    private static final long LONGEST_WAIT_SECONDS = 86_400;

    private final Servers servers;

    /** Over these servers. */
    public ServerRoutes(Servers servers) {
        this.servers = servers;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0/servers", "lists servers", call -> Reply.list(Server.class, servers.list())),
                new Route("GET", "/1.0/usage", "shows what running servers use", call -> Reply.list(Usage.class, servers.usage())),
                new Route("POST", "/1.0/servers", "makes a server", this::create),
                new Route("POST", "/1.0/plan", "explains what making a server would do", call -> Reply.list(PlanStep.class, servers.plan(call.body(ServerConfig.class)))),
                new Route("GET", "/1.0/servers/{name}", "describes a server", call -> reply(call.path("name"))),
                new Route("PATCH", "/1.0/servers/{name}", "changes a server's configuration", this::change),
                new Route("DELETE", "/1.0/servers/{name}", "deletes a server", call -> Reply.async(servers.delete(call.path("name"), call.flag("force")))),
                new Route("POST", "/1.0/servers/{name}/rename", "renames a stopped server", this::rename),
                new Route("PUT", "/1.0/servers/{name}/state", "starts, stops, restarts, pauses or resumes a server", call -> Reply.async(servers.state(call.path("name"), call.body(StateChange.class)))),
                new Route("GET", "/1.0/servers/{name}/usage", "shows what a server uses", call -> Reply.json(Usage.class, servers.usage(call.path("name")))));
    }

    private Reply create(Call call) throws IOException {
        boolean start = call.flag("start");
        String wait = call.word("wait", "none", Servers.WAITS);
        long seconds = call.number("timeout", NORMAL_WAIT_SECONDS, 0, LONGEST_WAIT_SECONDS);
        return Reply.async(servers.create(call.body(ServerConfig.class), start, wait, seconds * 1000));
    }

    private Reply reply(String name) {
        // The tag first: should the server change in between, the tag is old and a change based on it is refused.
        String etag = servers.etag(name);
        return Reply.json(Server.class, servers.server(name), etag);
    }

    private Reply change(Call call) throws IOException, InterruptedException {
        String name = call.path("name");
        servers.change(name, call.body(ServerConfig.class), call::matches);
        return reply(name);
    }

    private Reply rename(Call call) throws IOException, InterruptedException {
        Rename rename = call.body(Rename.class);
        if (rename.name() == null) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "name: it is missing", null);
        }
        servers.rename(call.path("name"), rename.name());
        return reply(rename.name());
    }
}
