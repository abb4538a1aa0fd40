package trefoil.network;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import trefoil.linux.FileDescriptor;
import trefoil.linux.namespace.NetworkNamespace;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/**
 * A host of its own: a network namespace in which {@link Networks} runs on a thread that stays inside, so that the
 * machine's own network is never touched, and further namespaces as servers. All of it vanishes with {@link #close}.
 */
final class Sandbox implements AutoCloseable {
    /** One piece of a test that may fail in any way. */
    interface Work {
        void run() throws Exception;
    }

    final String tag = Integer.toString(new Random().nextInt(36 * 36 * 36 * 36), 36);
    final Path run;
    final FileDescriptor host;
    final Networks networks;
    private final ExecutorService inside;
    private final List<FileDescriptor> namespaces = new ArrayList<>();
    private final Set<NetworkSpec> known = new HashSet<>();

    Sandbox() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/1/environ")), "needs root for network namespaces");
        run = Files.createTempDirectory("trefoil-network-test");
        host = NetworkNamespace.create();
        inside = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        networks = NetworkNamespace.call(host, () -> {
            try (RouteSocket route = RouteSocket.open()) {
                route.run(new RouteBatch().up("lo"));
            }
            try {
                return Networks.open(run, tag);
            } catch (NetworkException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Runs on a thread inside the namespace. */
    <T> T in(FileDescriptor namespace, Callable<T> work) throws Exception {
        Object[] outcome = NetworkNamespace.call(namespace, () -> {
            try {
                return new Object[] {work.call(), null};
            } catch (Exception e) {
                return new Object[] {null, e};
            }
        });
        if (outcome[1] instanceof Exception e) {
            throw e;
        }
        @SuppressWarnings("unchecked")
        T value = (T) outcome[0];
        return value;
    }

    void onHost(Work work) throws Exception {
        in(host, () -> {
            work.run();
            return null;
        });
    }

    <T> T fromHost(Callable<T> work) throws Exception {
        return in(host, work);
    }

    /** Runs beside the test, on a thread of its own. */
    <T> Future<T> beside(Callable<T> work) {
        return inside.submit(work);
    }

    static <T> T result(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** A tool's run inside a namespace. */
    Command command(FileDescriptor namespace, String... words) throws Exception {
        return in(namespace, () -> Command.run("", words));
    }

    /** A tool's run that has to succeed. */
    String must(FileDescriptor namespace, String... words) throws Exception {
        Command done = command(namespace, words);
        if (done.status() != 0) {
            throw new IllegalStateException(String.join(" ", words) + ": " + done);
        }
        return done.output();
    }

    boolean pings(FileDescriptor from, String address) throws Exception {
        String tool = address.contains(":") ? "ping6" : "ping";
        return command(from, "busybox", tool, "-c", "1", "-W", "1", address).status() == 0;
    }

    FileDescriptor namespace() throws Exception {
        FileDescriptor namespace = NetworkNamespace.create();
        namespaces.add(namespace);
        return namespace;
    }

    NetworkSpec up(String name, String... taken) throws Exception {
        NetworkSpec spec = fromHost(() -> networks.choose(name, null, null, true, null, Set.of(taken)));
        known.add(spec);
        onHost(() -> networks.up(spec));
        return spec;
    }

    /** A server that is attached. */
    record Guest(String name, FileDescriptor namespace, Attachment attachment) {
        String ipv4() {
            return attachment.ipv4();
        }

        String ipv6() {
            return attachment.ipv6();
        }
    }

    Guest guest(NetworkSpec spec, String name, Set<String> taken) throws Exception {
        return guest(spec, name, taken, Rates.NONE);
    }

    Guest guest(NetworkSpec spec, String name, Set<String> taken, Rates rates) throws Exception {
        FileDescriptor namespace = namespace();
        Attachment attachment = networks.place(spec, name, taken);
        onHost(() -> networks.attach(spec, attachment, namespace, rates));
        return new Guest(name, namespace, attachment);
    }

    /**
     * The rest of the world: a namespace behind a cable to the host, with addresses 198.51.100.1 and 2001:db8::1
     * (documentation ranges, RFC 5737 and RFC 3849), and no route back to any server.
     */
    FileDescriptor outside() throws Exception {
        FileDescriptor world = namespace();
        String uplink = "up" + tag;
        onHost(() -> {
            try (RouteSocket route = RouteSocket.open()) {
                route.run(new RouteBatch()
                        .bridge(uplink, "02:00:00:00:00:01", 1500));
                int index = route.link(uplink).orElseThrow().index();
                route.run(new RouteBatch().up(index)
                        .address(index, Prefix.literal("198.51.100.2"), 24)
                        .address(index, Prefix.literal("2001:db8::2"), 64)
                        .veth("w" + tag, index, 1500, "world0", "02:00:00:00:00:02", world)
                        .defaultRoute(index, Prefix.literal("198.51.100.1"))
                        .defaultRoute(index, Prefix.literal("2001:db8::1")));
            }
        });
        in(world, () -> {
            try (RouteSocket route = RouteSocket.open()) {
                int index = route.link("world0").orElseThrow().index();
                route.run(new RouteBatch().up("lo").up(index)
                        .address(index, Prefix.literal("198.51.100.1"), 24)
                        .address(index, Prefix.literal("2001:db8::1"), 64));
            }
            return null;
        });
        return world;
    }

    @Override
    public void close() throws IOException {
        try {
            onHost(() -> networks.purge(List.copyOf(known)));
        } catch (Exception e) {
            throw new IOException("the sandbox cannot be taken apart", e);
        } finally {
            networks.close();
            namespaces.forEach(FileDescriptor::close);
            host.close();
            inside.shutdownNow();
            delete(run);
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (var children = Files.list(path)) {
                for (Path child : children.toList()) {
                    delete(child);
                }
            }
        }
        Files.deleteIfExists(path);
    }
}
