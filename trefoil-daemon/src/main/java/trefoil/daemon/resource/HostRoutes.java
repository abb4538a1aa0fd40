package trefoil.daemon.resource;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import trefoil.api.Finding;
import trefoil.api.HostInfo;
import trefoil.api.HostResources;
import trefoil.daemon.event.Events;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;

/** The host as a whole: {@code /1.0}, its resources, doctor, events and the daemon's end. */
public final class HostRoutes {
    private final Supplier<HostInfo> info;
    private final Supplier<HostResources> resources;
    private final Supplier<List<Finding>> doctor;
    private final Events events;
    private final Consumer<Boolean> shutdown;

    /** @param shutdown ends the daemon; told whether servers are to be stopped */
    public HostRoutes(
            Supplier<HostInfo> info,
            Supplier<HostResources> resources,
            Supplier<List<Finding>> doctor,
            Events events,
            Consumer<Boolean> shutdown) {
        this.info = info;
        this.resources = resources;
        this.doctor = doctor;
        this.events = events;
        this.shutdown = shutdown;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0", "describes the daemon and its host", call -> Reply.json(HostInfo.class, info.get())),
                new Route("GET", "/1.0/resources", "shows the host's ledger", call -> Reply.json(HostResources.class, resources.get())),
                new Route("GET", "/1.0/doctor", "lists what the host lacks", call -> Reply.list(Finding.class, doctor.get())),
                new Route("POST", "/1.0/shutdown", "ends the daemon", this::shutdown),
                new Route("GET", "/1.0/events", "WebSocket of events", this::events));
    }

    private Reply shutdown(Call call) {
        boolean servers = call.word("servers", "keep", Set.of("keep", "stop")).equals("stop");
        // An end that began before the answer was out would close the connection under it.
        return new Reply.Farewell(Reply.done(), () -> shutdown.accept(servers));
    }

    private Reply events(Call call) {
        String type = call.word("type", null, Set.of("lifecycle", "operation", "warning"));
        return Reply.socket(() -> new EventSocket(events.subscribe(type)));
    }
}
