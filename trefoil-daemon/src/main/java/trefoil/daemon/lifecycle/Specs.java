package trefoil.daemon.lifecycle;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.api.Limits;
import trefoil.api.ServerConfig;
import trefoil.container.ContainerSpec;
import trefoil.container.ResourceLimits;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.ledger.Ledger;
import trefoil.daemon.machine.MachineJail;
import trefoil.image.StoredImage;
import trefoil.network.Rates;

/** Turns what is kept of a server into what the engine and the networks want to know. */
final class Specs {
    private Specs() {}

    /** What the engine makes and starts. The image's user and directory are those of a command; an init is root's and starts in {@code /}. */
    static ContainerSpec of(ServerRecord server, StoredImage image, Path servers, Ledger ledger) {
        boolean init = server.command().isEmpty();
        return new ContainerSpec(
                server.name(), servers.resolve(server.name()), image.layers(), server.command(), server.environment(),
                init ? "" : image.user(), init ? "" : image.workingDirectory(), server.idBase(), limits(server.config(), ledger), server.config().limits().disk(),
                server.config().nesting());
    }

    /** What the engine adopts: its layers do not matter any more, its limits do. */
    static ContainerSpec running(ServerRecord server, Path servers, Ledger ledger) {
        if (Machines.is(server)) {
            return MachineJail.remains(server.name(), servers.resolve(server.name()), server.idBase(), limits(server.config(), ledger));
        }
        return new ContainerSpec(
                server.name(), servers.resolve(server.name()), List.of(), server.command(), server.environment(),
                server.idBase(), limits(server.config(), ledger), server.config().limits().disk(),
                server.config().nesting());
    }

    /** What the engine cleans and deletes: its name and directory matter, its layers do not. */
    static ContainerSpec remains(ServerRecord server, Path servers) {
        if (Machines.is(server)) {
            return MachineJail.remains(server.name(), servers.resolve(server.name()), server.idBase(), ResourceLimits.NONE);
        }
        return new ContainerSpec(
                server.name(), servers.resolve(server.name()), List.of(), server.command(), server.environment(),
                server.idBase(), ResourceLimits.NONE, server.config().limits().disk(), server.config().nesting());
    }

    /** Limits with the ledger's where nothing is set. */
    static ResourceLimits limits(ServerConfig config, Ledger ledger) {
        Limits l = config.limits();
        if (Machines.is(config)) {
            return MachineJail.limits(l, processes(l, ledger));
        }
        return new ResourceLimits(
                l.cpuWeight(), l.cpuCap(), l.memoryGuarantee(),
                l.memoryCap() != null ? l.memoryCap() : Long.valueOf(ledger.normalMemoryCap()),
                l.swapCap(), processes(l, ledger), l.ioReadRate(), l.ioWriteRate());
    }

    /** How many processes it may have. */
    static long processes(Limits l, Ledger ledger) {
        return l.pids() != null ? l.pids() : ledger.normalPids();
    }

    /** Limits of the network. */
    static Rates rates(Limits l) {
        return new Rates(l.networkReceiveRate(), l.networkTransmitRate());
    }

    /** What runs as process 1: what the configuration says, else what the image says. */
    static List<String> command(ServerConfig config, StoredImage image) {
        return config.command().isEmpty() ? image.command() : config.command();
    }

    /** Variables of process 1: the image's, with the configuration's over them. */
    static Map<String, String> environment(ServerConfig config, StoredImage image) {
        Map<String, String> all = new TreeMap<>(image.environment());
        all.putAll(config.environment());
        return all;
    }
}
