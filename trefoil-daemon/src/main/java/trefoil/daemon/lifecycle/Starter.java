package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ExitRecord;
import trefoil.api.PortForward;
import trefoil.container.Container;
import trefoil.container.ContainerEngine.NetworkSetup;
import trefoil.container.ContainerException;
import trefoil.container.ContainerSpec;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.Place;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;
import trefoil.image.StoredImage;
import trefoil.network.Forward;
import trefoil.network.NetworkException;
import trefoil.network.NetworkSpec;

/** Starts a server and takes note of its end. The caller holds the server's turn. */
final class Starter {
    private static final System.Logger LOG = System.getLogger(Starter.class.getName());

    private final Facilities f;
    private final Remedies remedies;
    private final Readiness readiness;

    Starter(Facilities facilities, Remedies remedies, Readiness readiness) {
        this.f = facilities;
        this.remedies = remedies;
        this.readiness = readiness;
    }

    /** Starts a stopped server, or leaves it as it was. */
    Run start(ServerEntry entry) throws IOException {
        ServerRecord record = entry.record();
        try (UndoJournal.Change change = f.journal().begin("starting " + record.name())) {
            change.intend(new Deed.Run(record));
            return start(entry, record, change, null);
        }
    }

    /**
     * Starts the server within a change that has written down {@link Deed.Run}, and commits the change.
     *
     * @param spare what it is made from, which was named; {@code null} to begin with nothing
     */
    Run start(ServerEntry entry, ServerRecord record, UndoJournal.Change change, Spares.Spare spare) throws IOException {
        f.ledger().guarantee(record.name(), record.config().limits().memoryGuarantee());
        Run run = new Run();
        boolean started = false;
        entry.overheadNanos().set(spare == null ? 0 : spare.overheadNanos());
        entry.run(run);
        try {
            forwards(record);
            Container container = f.meter().charge(entry.overheadNanos(), () -> engineStart(record, spare));
            f.crashpoint().at("started " + record.name());
            run.container(container);
            ServerRecord running = record.running(container.startedAt());
            change.commit(s -> Kept.save(s, running), spare == null ? null : spare.change());
            entry.record(running);
            started = true;
        } finally {
            if (!started) {
                entry.run(null);
                f.ledger().release(record.name());
                unforward(record);
            }
        }
        f.events().lifecycle(path(record), "server-started", Map.of("name", record.name()));
        readiness.watch(entry, run);
        return run;
    }

    private Container engineStart(ServerRecord record, Spares.Spare spare) throws IOException {
        StoredImage image = image(record);
        if (Machines.is(record)) {
            return f.machines().start(f.engine().get(), record);
        }
        ContainerSpec spec = Specs.of(record, image, f.servers(), f.ledger());
        try {
            return spare != null
                    ? spare.start(spec, record.place(), Specs.rates(record.config().limits()))
                    : f.engine().get().start(spec, networkSetup(record));
        } catch (ContainerException e) {
            throw explained(record, image, e);
        }
    }

    /** Most failures say enough by themselves. */
    private static ContainerException explained(ServerRecord record, StoredImage image, ContainerException e) {
        for (Path layer : image.layers()) {
            if (!Files.isDirectory(layer)) {
                return new ContainerException(
                        record.name() + " cannot start: the layer " + layer + " of its image " + record.image() + " is missing",
                        "put that directory back from a copy of the image store, and start the daemon again", e);
            }
        }
        return e;
    }

    private NetworkSetup networkSetup(ServerRecord record) throws IOException {
        Place place = record.place();
        if (place == null) {
            return NetworkSetup.NONE;
        }
        NetworkSpec network = f.networks().ready(place.network());
        HostNetworks host = f.networks().host();
        return namespace -> {
            try {
                host.attach(network, place.attachment(), namespace, Specs.rates(record.config().limits()));
            } catch (NetworkException e) {
                f.networks().suspect(place.network());
                throw e;
            }
        };
    }

    /** The image that a server is made from. */
    StoredImage image(ServerRecord record) throws IOException {
        return f.images().get().find(record.fingerprint()).orElseThrow(() -> new ApiException(
                ErrorCode.NOT_FOUND,
                "the image " + record.fingerprint().substring(0, 12) + " (" + record.image() + ") that " + record.name()
                        + " is made from is no longer in the store",
                "build or import it again: trefoil image build " + record.image()));
    }

    /**
     * Takes note of a run's end, tells it, and then takes what is left of it off the host. Once. A daemon that dies in
     * between leaves the rest to the next one. What cannot be taken off the host now is told, and tried again at its deletion.
     */
    void settle(ServerEntry entry, Run run, ExitRecord exit) throws IOException {
        if (run.settled()) {
            return;
        }
        ServerRecord stopped = entry.record().ended(exit);
        try (UndoJournal.Change change = f.journal().begin("clearing away " + stopped.name())) {
            tell(entry, stopped, change, new Deed.Run(stopped));
            clearAway(entry, stopped);
            f.crashpoint().at("ended " + stopped.name());
            change.commit(s -> {});
        }
        over(entry, run, stopped);
    }

    /** Keeps that a server has stopped together with what is still to be done about it, and tells so. */
    void tell(ServerEntry entry, ServerRecord stopped, UndoJournal.Change change, Deed rest) throws IOException {
        change.intend(s -> Kept.save(s, stopped), rest);
        entry.record(stopped);
        f.events().lifecycle(
                path(stopped), "server-stopped", Map.of("name", stopped.name(), "cause", stopped.lastExit().cause()));
    }

    private void clearAway(ServerEntry entry, ServerRecord stopped) {
        try {
            f.meter().charge(entry.overheadNanos(), () -> {
                remedies.end(stopped);
                return null;
            });
        } catch (IOException e) {
            LOG.log(Level.ERROR, stopped.name() + " ended, but something of it is left on the host", e);
            f.events().warning(path(stopped), "server-left-something", String.valueOf(e.getMessage()));
        }
    }

    /** The run is done with: what was promised to it is free. */
    void over(ServerEntry entry, Run run, ServerRecord stopped) throws IOException {
        entry.run(null);
        run.settle();
        f.ledger().release(stopped.name());
        unforward(stopped);
    }

    /** Keeps a changed record. */
    void keep(ServerEntry entry, ServerRecord changed) {
        f.database().transaction(s -> {
            Kept.save(s, changed);
            return null;
        });
        entry.record(changed);
    }

    /** The forwards of all running servers, this one's as well. */
    private void forwards(ServerRecord starting) throws IOException {
        if (!starting.config().ports().isEmpty()) {
            refuseTaken(starting);
            f.networks().ready(starting.place().network());
            f.networks().forward(allForwards(starting, true));
        }
    }

    private static boolean anywhere(PortForward port) {
        return port.hostAddress() == null || port.hostAddress().isEmpty();
    }

    /** A port of an address of the host leads to the server's address of the same version of IP, which it must have. */
    private static void refuseUnreachable(ServerRecord starting) {
        for (PortForward port : starting.config().ports()) {
            boolean six = !anywhere(port) && port.hostAddress().contains(":");
            if (!anywhere(port) && (six ? starting.place().ipv6() : starting.place().ipv4()) == null) {
                String version = six ? "IPv6" : "IPv4";
                throw new ApiException(
                        ErrorCode.CONFLICT,
                        "port " + port.hostPort() + "/" + port.protocol() + " of " + port.hostAddress() + " can lead nowhere: server " + starting.name()
                                + " has no " + version + " address on network " + starting.place().network(),
                        "publish it without an address, or put the server on a network with " + version + ": trefoil network create NAME");
            }
        }
    }

    private void refuseTaken(ServerRecord starting) {
        refuseUnreachable(starting);
        for (ServerEntry other : f.registry().made()) {
            ServerRecord record = other.record();
            if (record == null || record.name().equals(starting.name()) || !record.alive()) {
                continue;
            }
            for (PortForward theirs : record.config().ports()) {
                for (PortForward mine : starting.config().ports()) {
                    if (theirs.hostPort() == mine.hostPort() && theirs.protocol().equals(mine.protocol())
                            && (anywhere(theirs) || anywhere(mine) || theirs.hostAddress().equals(mine.hostAddress()))) {
                        throw new ApiException(
                                ErrorCode.CONFLICT,
                                "port " + mine.hostPort() + "/" + mine.protocol() + " of the host already leads to server " + record.name(),
                                "choose another port, or stop " + record.name());
                    }
                }
            }
        }
    }

    private void unforward(ServerRecord stopped) throws IOException {
        if (!stopped.config().ports().isEmpty()) {
            f.networks().forward(allForwards(stopped, false));
        }
    }

    /** Makes the forwards those of the servers that run, whatever was before. */
    void forwardsAnew() throws IOException {
        f.networks().forwardAnew(allForwards(null, false));
    }

    /** Makes the forwards follow a running server's changed configuration. */
    void reforward(ServerRecord changed) throws IOException {
        if (changed.alive()) {
            refuseTaken(changed);
        }
        f.networks().forward(allForwards(changed, changed.alive()));
    }

    private List<Forward> allForwards(ServerRecord special, boolean included) {
        List<Forward> all = new ArrayList<>();
        for (ServerEntry entry : f.registry().made()) {
            ServerRecord record = entry.record();
            if (record != null && record.alive() && (special == null || !record.name().equals(special.name()))) {
                add(all, record);
            }
        }
        if (included) {
            add(all, special);
        }
        return all;
    }

    private static void add(List<Forward> all, ServerRecord record) {
        if (record.place() == null) {
            return;
        }
        for (PortForward p : record.config().ports()) {
            // Without an address of the host the port is published on all of them, of both versions of IP.
            boolean four = anywhere(p) || !p.hostAddress().contains(":");
            boolean six = anywhere(p) || p.hostAddress().contains(":");
            if (four) {
                add(all, p, record.place().ipv4());
            }
            if (six) {
                add(all, p, record.place().ipv6());
            }
        }
    }

    private static void add(List<Forward> all, PortForward port, String server) {
        if (server != null) {
            all.add(new Forward(port.protocol(), port.hostAddress(), port.hostPort(), server, port.serverPort()));
        }
    }

    static String path(ServerRecord record) {
        return "/1.0/servers/" + record.name();
    }
}
