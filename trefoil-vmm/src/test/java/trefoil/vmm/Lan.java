package trefoil.vmm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import trefoil.linux.FileDescriptor;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;
import trefoil.machine.CharBackend;
import trefoil.network.Attachment;
import trefoil.network.NetworkSpec;
import trefoil.network.Networks;
import trefoil.network.Rates;
import trefoil.pc.boot.KernelException;

/** A host in a network namespace of its own: a network of Trefoil's, an OS-level server {@code neighbour} on it, and the tap of a machine {@code guest}. All of it goes with {@link #close}. */
final class Lan implements AutoCloseable {
    private final FileDescriptor host;
    private final FileDescriptor server;
    private final Networks networks;
    private final NetworkSpec network;
    private final Attachment guest;
    private final List<WebServer> web;

    /** @param content what host and neighbour have to give by HTTP at port 8080 */
    Lan(Path run, byte[] content) throws IOException {
        host = NetworkNamespace.create();
        server = NetworkNamespace.create();
        networks = inside(host, () -> {
            try (RouteSocket route = RouteSocket.open()) {
                route.run(new RouteBatch().up("lo"));
            }
            return Networks.open(run, "nb");
        });
        network = networks.choose("default", null, null, true, null, Set.of());
        Attachment neighbour = networks.place(network, "neighbour", Set.of());
        guest = networks.place(network, "guest", Set.of(neighbour.ipv4()));
        inside(host, () -> {
            networks.up(network);
            networks.attach(network, neighbour, server, Rates.NONE);
            networks.attachTap(network, guest, Rates.NONE);
            return true;
        });
        web = List.of(inside(host, () -> new WebServer(content)), inside(server, () -> new WebServer(content)));
    }

    /** What fails as networks and machines do. */
    @FunctionalInterface
    private interface Work<T> {
        T run() throws IOException, KernelException;
    }

    /** Runs on a thread inside the namespace. */
    private static <T> T inside(FileDescriptor namespace, Work<T> work) throws IOException {
        List<Throwable> failures = new ArrayList<>();
        T value = NetworkNamespace.call(namespace, () -> {
            try {
                return work.run();
            } catch (IOException | KernelException e) {
                failures.add(e);
                return null;
            }
        });
        for (Throwable failure : failures) {
            throw new IOException(failure.getMessage(), failure);
        }
        return value;
    }

    String gateway() {
        return network.ipv4().replaceFirst("/.*", "");
    }

    String gateway6() {
        return network.ipv6().replaceFirst("/.*", "");
    }

    Attachment guest() {
        return guest;
    }

    MachinePlan.Nic card() {
        return new MachinePlan.Nic(guest.hostInterface(), guest.mac());
    }

    Machine machine(MachinePlan plan, CharBackend terminal) throws IOException {
        return inside(host, () -> new Machine(plan, terminal));
    }

    @Override
    public void close() throws IOException {
        try {
            for (WebServer each : web) {
                each.close();
            }
            inside(host, () -> {
                networks.purge(List.of(network));
                return true;
            });
        } finally {
            networks.close();
            server.close();
            host.close();
        }
    }
}
