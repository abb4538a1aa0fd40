package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import trefoil.daemon.database.Database;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.NetworkRecord;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.journal.Crashpoint;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.Remedy;
import trefoil.network.NetworkSpec;

/** Takes deeds back, and carries out deletions. Each step is idempotent. */
final class Remedies implements Remedy {
    private static final System.Logger LOG = System.getLogger(Remedies.class.getName());

    private final Path servers;
    private final Database database;
    private final Lazily<Engine> engine;
    private final Lazily<HostNetworks> networks;
    private final Function<String, NetworkSpec> specs;
    private final Consumer<String> deleted;
    private final Crashpoint crashpoint;

    /**
     * @param specs finds a network's description; {@code null} for one that is no more
     * @param deleted told the name of a network whose deletion was carried out
     */
    Remedies(
            Path servers, Database database, Lazily<Engine> engine, Lazily<HostNetworks> networks,
            Function<String, NetworkSpec> specs, Consumer<String> deleted, Crashpoint crashpoint) {
        this.specs = specs;
        this.deleted = deleted;
        this.servers = servers;
        this.database = database;
        this.engine = engine;
        this.networks = networks;
        this.crashpoint = crashpoint;
    }

    @Override
    public void settle(Deed deed) throws IOException {
        switch (deed) {
            case Deed.Files files -> engine.get().delete(Specs.remains(files.server(), servers));
            case Deed.Launch launch -> remove(launch.server());
            case Deed.Run run -> end(run.server());
            case Deed.Move move -> moveBack(servers.resolve(move.server().name()), servers.resolve(move.to()));
            case Deed.Bridge bridge -> networks.get().down(bridge.network().spec());
            case Deed.Delete delete -> {
                remove(delete.server());
                database.transaction(s -> {
                    Kept.deleteServer(s, delete.server().name());
                    return null;
                });
            }
            case Deed.Unbridge unbridge -> deleteNetwork(unbridge.network());
        }
    }

    /** Since the deletion broke off, servers may have been made on the network: then it stays. */
    private void deleteNetwork(NetworkRecord network) throws IOException {
        List<String> users = database.transaction(s -> Kept.servers(s).stream()
                .filter(server -> network.name().equals(server.config().network()))
                .map(ServerRecord::name)
                .toList());
        if (!users.isEmpty()) {
            LOG.log(Level.WARNING, "network {0} stays: its deletion broke off, and {1} are on it now", network.name(), users);
            return;
        }
        networks.get().down(network.spec());
        database.transaction(s -> {
            Kept.deleteNetwork(s, network.name());
            return null;
        });
        deleted.accept(network.name());
    }

    /** Ends all that runs of a server and takes it off its network. */
    void end(ServerRecord server) throws IOException {
        engine.get().clean(Specs.remains(server, servers));
        crashpoint.at("cleaned " + server.name());
        // With a network went every place on it.
        NetworkSpec network = server.place() == null ? null : specs.apply(server.place().network());
        if (network != null) {
            networks.get().detach(network, server.place().attachment());
            crashpoint.at("detached " + server.name());
        }
    }

    /** Deletes all that there is of a server but its row. */
    void remove(ServerRecord server) throws IOException {
        end(server);
        engine.get().delete(Specs.remains(server, servers));
        crashpoint.at("deleted the files of " + server.name());
    }

    private static void moveBack(Path from, Path to) throws IOException {
        if (Files.exists(to) && !Files.exists(from)) {
            Files.move(to, from, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
