package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.PlanStep;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.StateChange;
import trefoil.api.Usage;
import trefoil.container.Container;
import trefoil.container.ContainerEngine;
import trefoil.container.ContainerSpec;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.operation.OperationRun;
import trefoil.daemon.operation.Operations;
import trefoil.image.StoredImage;

/** What can be asked about servers and done to them. Thread-safe. */
public final class Servers {
    /** How far a launch may be asked to go. */
    public static final Set<String> WAITS = Set.of("none", "ip", "usable", "exit");

    private static final System.Logger LOG = System.getLogger(Servers.class.getName());

    private final Facilities f;
    private final Operations operations;
    private final Launch launch;
    private final Power power;
    private final Removal removal;
    private final Endings endings;
    private final Reconfiguration reconfiguration;
    private final Usages usages;
    private final Recovery recovery;
    private final Spares spares;

    Servers(
            Facilities facilities,
            Operations operations,
            Launch launch,
            Power power,
            Removal removal,
            Endings endings,
            Reconfiguration reconfiguration,
            Usages usages,
            Recovery recovery,
            Spares spares) {
        this.f = facilities;
        this.operations = operations;
        this.launch = launch;
        this.power = power;
        this.removal = removal;
        this.endings = endings;
        this.reconfiguration = reconfiguration;
        this.usages = usages;
        this.recovery = recovery;
        this.spares = spares;
    }

    /** Takes up what an earlier daemon left. Call it once, before all else. @return what could not be set right */
    public List<String> recover() throws IOException, InterruptedException {
        List<String> failures = recovery.run();
        f.background().start("bringing up networks and servers", recovery::finish);
        return failures;
    }

    /** All servers, in name order. Costs no system call. */
    public List<Server> list() {
        return f.registry().list();
    }

    /** One server. */
    public Server server(String name) {
        return f.registry().server(name);
    }

    /** The tag of the state of a server's configuration. */
    public String etag(String name) {
        return f.registry().etag(name);
    }

    /** Makes a server and, with {@code start}, starts it and waits for it as {@code wait} says. */
    public OperationRun create(ServerConfig config, boolean start, String wait, long waitMillis) {
        ServerConfig whole = Rules.complete(config);
        Launch.Wait until = start ? Launch.Wait.valueOf(wait.toUpperCase(java.util.Locale.ROOT)) : Launch.Wait.NONE;
        String what = (start ? "launching " : "making ") + whole.name();
        ServerEntry entry = launch.reserve(whole, "the operation '" + what + "'");
        OperationRun run = operations.start(
                what, List.of("/1.0/servers/" + whole.name()),
                operation -> launch.run(entry, whole, start, until, waitMillis, operation));
        run.result("name", whole.name());
        return run;
    }

    /** Starts, stops, restarts, pauses or resumes. */
    public OperationRun state(String name, StateChange change) {
        Power.check(change);
        f.registry().find(name);
        return operations.start(change.action() + " of " + name, List.of("/1.0/servers/" + name),
                operation -> power.change(name, change, operation));
    }

    /** Deletes a server; a running one only with {@code force}. */
    public OperationRun delete(String name, boolean force) {
        ServerEntry entry = f.registry().find(name);
        removal.check(entry, force);
        return operations.start("deleting " + name, List.of("/1.0/servers/" + name), operation -> {
            try (Turn.Hold _ = entry.turn().take(name, "its deletion (" + operation.path() + ")", Turn.PATIENCE_MILLIS)) {
                if (f.registry().find(name) == entry) {
                    removal.delete(entry, force, endings);
                }
            }
        });
    }

    /** Changes a server's configuration; {@code check} is given the tag of the state that is about to be changed. */
    public Server change(String name, ServerConfig change, java.util.function.Consumer<String> check)
            throws IOException, InterruptedException {
        reconfiguration.change(name, change, check::accept);
        return server(name);
    }

    /** Gives a stopped server another name. */
    public Server rename(String name, String to) throws IOException, InterruptedException {
        reconfiguration.rename(name, to);
        return server(to);
    }

    /** What starting such a server would do. Makes nothing. */
    public List<PlanStep> plan(ServerConfig config) throws IOException {
        ServerConfig whole = Rules.complete(config);
        if (Machines.is(whole)) {
            throw new ApiException(ErrorCode.NOT_IMPLEMENTED, "kind: only the start of a server of kind os is explained", "leave the kind out, or say os");
        }
        StoredImage image = f.images().get().find(whole.image()).orElseThrow(() -> new ApiException(
                ErrorCode.NOT_FOUND, "there is no image " + whole.image() + " in the store, and a plan builds none",
                "trefoil image build " + whole.image()));
        ServerRecord record = new ServerRecord(
                whole.name(), whole, image.fingerprint(), whole.image(), image.os(), IdRanges.SIZE * 16, null,
                Specs.command(whole, image), Specs.environment(whole, image), trefoil.api.ServerStatus.STOPPED, null, 0,
                null, null, null, 1, List.of());
        ContainerSpec spec = Specs.of(record, image, f.servers(), f.ledger());
        return ContainerEngine.explain(spec).stream()
                .map(step -> new PlanStep(step.where(), step.call(), step.why()))
                .toList();
    }

    /** The running container of a server; refuses when it does not run. */
    public Container running(String name) {
        ServerEntry entry = f.registry().find(name);
        Run run = entry.run();
        Container container = run == null ? null : run.container();
        if (container == null || run.over()) {
            throw new ApiException(ErrorCode.CONFLICT, "server " + name + " is not running", "trefoil start " + name);
        }
        return container;
    }

    /** Refuses when the server is frozen and could not answer. */
    public Container active(String name) {
        Container container = running(name);
        if (container.paused()) {
            throw new ApiException(ErrorCode.CONFLICT, "server " + name + " is paused", "trefoil resume " + name);
        }
        return container;
    }

    /** The directory of a server. */
    public java.nio.file.Path directory(String name) {
        f.registry().find(name);
        return f.servers().resolve(name);
    }

    /** What a running server uses. */
    public Usage usage(String name) throws IOException {
        return usages.of(name);
    }

    /** What all running servers use. */
    public List<Usage> usage() throws IOException {
        return usages.all();
    }

    /** Bytes that daemon and keeper hold. */
    public long ownMemory() {
        return usages.ownMemory();
    }

    /** Stops all servers that run, each at first by asking; the daemon is about to end. */
    public void stopAll(int graceSeconds) throws InterruptedException {
        List<OperationRun> stops = new ArrayList<>();
        for (Server server : list()) {
            boolean paused = server.status() == trefoil.api.ServerStatus.PAUSED;
            if (paused || server.status() == trefoil.api.ServerStatus.RUNNING) {
                stops.add(state(server.name(), new StateChange("stop", true, paused ? null : graceSeconds)));
            }
        }
        for (OperationRun stop : stops) {
            stop.await((graceSeconds + 30) * 1000L, -1);
        }
    }

    /** Takes the keeper and what the engine mounted off the host where no server needs them; the daemon is about to end. */
    public void offHostIfIdle() {
        spares.close();
        Engine engine = f.engine().ifOpen();
        try {
            if (engine != null && engine.idle()) {
                engine.retire();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "something of the container engine is left on the host", e);
        }
    }

    /** Takes keeper and networks off the host; refused by the engine while a server runs. */
    public void offHost() throws IOException {
        spares.close();
        Engine engine = f.engine().ifOpen();
        if (engine != null) {
            engine.retire();
        }
        f.networks().offHost();
    }
}
