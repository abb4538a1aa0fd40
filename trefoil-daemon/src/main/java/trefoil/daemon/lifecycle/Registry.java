package trefoil.daemon.lifecycle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Server;
import trefoil.api.ServerStatus;
import trefoil.container.Container;
import trefoil.daemon.database.Place;
import trefoil.daemon.database.ServerRecord;

/** All servers, by name, in memory: looking at them costs no system call and no query. Thread-safe. */
public final class Registry {
    private final ConcurrentHashMap<String, ServerEntry> entries = new ConcurrentHashMap<>();
    /** Held while an id range or a place on a network is chosen and noted in the entry's draft. */
    private final ReentrantLock placement = new ReentrantLock();

    /** Puts in a server that the database knows. */
    void load(ServerRecord record) {
        entries.put(record.name(), new ServerEntry(record));
    }

    /** Takes a name for a server that is about to be made; refuses when it is taken. */
    ServerEntry reserve(String name, String making) {
        ServerEntry entry = new ServerEntry(making);
        ServerEntry there = entries.putIfAbsent(name, entry);
        if (there == null) {
            return entry;
        }
        throw there.record() == null
                ? new ApiException(ErrorCode.CONFLICT, "server " + name + " is being made by " + there.making(), "wait for that, or choose another name")
                : new ApiException(ErrorCode.CONFLICT, "there already is a server " + name, "choose another name, or: trefoil delete " + name);
    }

    /** Gives up a name. */
    void remove(String name, ServerEntry entry) {
        entries.remove(name, entry);
    }

    /** The entry goes by another name; the new one must have been reserved. */
    void renamed(String from, String to, ServerEntry entry) {
        entries.put(to, entry);
        entries.remove(from);
    }

    /** The server; refuses when there is none, or it is still being made. */
    ServerEntry find(String name) {
        ServerEntry entry = entries.get(name);
        if (entry == null || entry.record() == null) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND,
                    "there is no server " + name + (entry == null ? "" : " yet: it is being made by " + entry.making()),
                    entry == null ? "trefoil list" : "wait for that: trefoil query /1.0/operations");
        }
        return entry;
    }

    /** The entry, or {@code null}. */
    ServerEntry peek(String name) {
        return entries.get(name);
    }

    /** Entries of servers that are made, in name order. */
    List<ServerEntry> made() {
        return entries.values().stream()
                .filter(entry -> entry.record() != null)
                .sorted(Comparator.comparing(entry -> entry.record().name()))
                .toList();
    }

    /** All servers that are made or being made, as they are or are to be. */
    List<ServerRecord> drafts() {
        List<ServerRecord> drafts = new ArrayList<>();
        for (ServerEntry entry : entries.values()) {
            if (entry.draft() != null) {
                drafts.add(entry.draft());
            }
        }
        return drafts;
    }

    /** Guards choosing among what is free; see {@link #drafts}. */
    ReentrantLock placement() {
        return placement;
    }

    /** Id ranges that are taken. */
    Set<Integer> idBases() {
        return drafts().stream().map(ServerRecord::idBase).collect(Collectors.toSet());
    }

    /** Addresses that are taken on a network. */
    Set<String> addresses(String network) {
        return drafts().stream()
                .map(ServerRecord::place)
                .filter(place -> place != null && place.network().equals(network))
                .flatMap(place -> place.addresses().stream())
                .collect(Collectors.toSet());
    }

    /** Servers on a network, in name order; not what is begun and may become one. */
    public List<String> on(String network) {
        return drafts().stream()
                .filter(server -> server.config().network().equals(network))
                .filter(server -> !server.isBegun())
                .map(ServerRecord::name)
                .sorted()
                .toList();
    }

    /** Servers made from an image, in name order; not what is begun and may become one. */
    public List<String> from(String fingerprint) {
        return drafts().stream()
                .filter(server -> server.fingerprint().equals(fingerprint) && !server.isBegun())
                .map(ServerRecord::name)
                .sorted()
                .toList();
    }

    /** All servers, in name order. */
    public List<Server> list() {
        return made().stream().map(Registry::view).filter(Objects::nonNull).toList();
    }

    /** The server's view. */
    public Server server(String name) {
        Server view = view(find(name));
        if (view == null) {
            throw new ApiException(ErrorCode.NOT_FOUND, "there is no server " + name, "trefoil list");
        }
        return view;
    }

    /** The tag of the state of a server's configuration. */
    public String etag(String name) {
        return "r" + find(name).record().revision();
    }

    /** What the API shows; {@code null} when it is not made yet. */
    static Server view(ServerEntry entry) {
        ServerRecord r = entry.record();
        Run run = entry.run();
        if (r == null) {
            return null;
        }
        Container container = run == null ? null : run.container();
        boolean alive = r.alive() && container != null;
        boolean running = alive && r.status() == ServerStatus.RUNNING;
        boolean usable = running && run.usable();
        return new Server(
                r.name(), r.config().kind(), r.status(), usable, running && !usable ? run.hindrance() : null,
                r.image(), r.fingerprint(), r.os(), alive ? addresses(run, r.place()) : List.of(),
                alive ? container.pid() : null, r.created(), r.started(), r.usableAfterMillis(), r.lastExit(), r.error(),
                r.config(), r.pending());
    }

    private static List<String> addresses(Run run, Place place) {
        return run.addresses().isEmpty() && place != null ? place.addresses() : run.addresses();
    }
}
