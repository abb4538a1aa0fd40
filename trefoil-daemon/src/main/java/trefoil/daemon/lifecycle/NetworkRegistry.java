package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Network;
import trefoil.daemon.database.Database;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.NetworkRecord;
import trefoil.daemon.event.Events;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;
import trefoil.network.Check;
import trefoil.network.Forward;
import trefoil.network.NetworkSpec;

/** All networks. They are brought up on the host when the first server needs them. Thread-safe. */
public final class NetworkRegistry {
    /** The network of servers that name none; made when first needed. */
    public static final String DEFAULT = "default";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?");
    private static final Pattern DOMAIN = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");
    private static final String NO_ADDRESS = "none";

    private final Lazily<HostNetworks> host;
    private final Database database;
    private final Events events;
    private final Function<String, List<String>> users;
    private final Consumer<String> leaving;
    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentSkipListMap<String, NetworkRecord> records = new ConcurrentSkipListMap<>();
    private final Set<String> up = new HashSet<>();
    private List<Forward> forwards = List.of();
    private UndoJournal journal;

    /**
     * @param users names of the servers on a network
     * @param leaving told before a network is deleted
     */
    NetworkRegistry(Lazily<HostNetworks> host, Database database, Events events, Function<String, List<String>> users,
            Consumer<String> leaving) {
        this.host = host;
        this.database = database;
        this.events = events;
        this.users = users;
        this.leaving = leaving;
        for (NetworkRecord record : database.transaction(Kept::networks)) {
            records.put(record.name(), record);
        }
    }

    /** The journal that changes are written to; set once, before the first change. */
    void journal(UndoJournal changes) {
        this.journal = changes;
    }

    /** The host's networks. */
    HostNetworks host() throws IOException {
        return host.get();
    }

    /** All networks, by name. */
    public List<Network> list() {
        return records.values().stream().map(this::view).toList();
    }

    /** The network. */
    public Network network(String name) {
        return view(find(name));
    }

    private NetworkRecord find(String name) {
        NetworkRecord record = records.get(name);
        if (record == null) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND, "there is no network " + name, "trefoil network list, or: trefoil network create " + name);
        }
        return record;
    }

    private Network view(NetworkRecord r) {
        return new Network(
                r.name(), r.ipv4() == null ? NO_ADDRESS : r.ipv4(), r.ipv6() == null ? NO_ADDRESS : r.ipv6(), r.nat(),
                r.domain(), r.bridge(), users.apply(r.name()), r.description());
    }

    /** Makes a network on the host, or nothing. */
    public Network create(Network wanted) throws IOException {
        String name = wanted.name();
        if (name == null || !NAME.matcher(name).matches() || name.equals(NO_ADDRESS)) {
            throw Rules.bad("name", "'" + name + "' is not a network's name: 1–15 of a-z, 0-9 and '-'; 'none' means no network", null);
        }
        String domain = wanted.domain() == null ? "trefoil" : wanted.domain();
        if (!DOMAIN.matcher(domain).matches()) {
            throw Rules.bad("domain", "'" + domain + "' is not a DNS domain", null);
        }
        lock.lock();
        try {
            if (records.containsKey(name)) {
                throw new ApiException(ErrorCode.CONFLICT, "there already is a network " + name, "choose another name");
            }
            return view(make(wanted, domain));
        } finally {
            lock.unlock();
        }
    }

    private NetworkRecord make(Network wanted, String domain) throws IOException {
        NetworkSpec spec = host.get().choose(
                wanted.name(), wanted.ipv4(), wanted.ipv6(), wanted.nat() == null || wanted.nat(), domain, taken());
        NetworkRecord record = NetworkRecord.of(spec, wanted.description() == null ? "" : wanted.description());
        try (UndoJournal.Change change = journal.begin("making network " + wanted.name())) {
            change.intend(new Deed.Bridge(record));
            host.get().up(spec);
            change.commit(s -> Kept.save(s, record));
        }
        records.put(record.name(), record);
        up.add(record.name());
        events.lifecycle(path(record.name()), "network-created", Map.of("name", record.name()));
        return record;
    }

    private Set<String> taken() {
        Set<String> taken = new HashSet<>();
        for (NetworkRecord record : records.values()) {
            if (record.ipv4() != null) {
                taken.add(record.ipv4());
            }
            if (record.ipv6() != null) {
                taken.add(record.ipv6());
            }
        }
        return taken;
    }

    /** Deletes a network that no server is on. */
    public void delete(String name) throws IOException {
        leaving.accept(name); // not under the lock, which whoever begins a server there may wait for
        lock.lock();
        try {
            NetworkRecord record = find(name);
            List<String> servers = users.apply(name);
            if (!servers.isEmpty()) {
                throw new ApiException(
                        ErrorCode.CONFLICT, "servers are on network " + name + ": " + String.join(", ", servers),
                        "delete them, or put them on another network: trefoil set " + servers.getFirst() + " network="
                                + (name.equals(DEFAULT) ? "none" : DEFAULT));
            }
            up.remove(name);
            takeDown(record);
            records.remove(name);
            events.lifecycle(path(name), "network-deleted", Map.of("name", name));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a network off the host and out of the database, both or neither: where the host fails, the network stays, and
     * is brought up anew when it is next needed. Only a daemon that dies in between leaves the deed to the next one.
     */
    private void takeDown(NetworkRecord record) throws IOException {
        UndoJournal.Change change = journal.begin("deleting network " + record.name());
        boolean down = false;
        try {
            change.intend(new Deed.Unbridge(record));
            host.get().down(record.spec());
            down = true;
        } finally {
            end(change, down ? s -> Kept.deleteNetwork(s, record.name()) : s -> {});
        }
    }

    private static void end(UndoJournal.Change change, UndoJournal.Outcome outcome) {
        try {
            change.commit(outcome);
        } finally {
            change.leave(); // where it could not be committed
        }
    }

    /** A deletion that had broken off was carried out. */
    void forget(String name) {
        lock.lock();
        try {
            records.remove(name);
            up.remove(name);
        } finally {
            lock.unlock();
        }
    }

    private static String path(String name) {
        return "/1.0/networks/" + name;
    }

    /** The network, up on the host; the default one is made when it is not there. */
    NetworkSpec ready(String name) throws IOException {
        lock.lock();
        try {
            NetworkRecord record = records.get(name);
            if (record == null && name.equals(DEFAULT)) {
                record = make(new Network(DEFAULT, null, null, true, null, null, null, "made by the daemon"), "trefoil");
            } else if (record == null) {
                record = find(name);
            }
            if (up.add(name)) {
                bringUp(record);
            }
            return record.spec();
        } finally {
            lock.unlock();
        }
    }

    private void bringUp(NetworkRecord record) throws IOException {
        boolean done = false;
        try {
            host.get().up(record.spec());
            done = true;
        } finally {
            if (!done) {
                up.remove(record.name());
            }
        }
    }

    /** Something went wrong on this network: it is brought up anew when it is next needed. */
    void suspect(String name) {
        lock.lock();
        try {
            up.remove(name);
        } finally {
            lock.unlock();
        }
    }

    /** The network's description without bringing it up; {@code null} when there is none. */
    NetworkSpec spec(String name) {
        NetworkRecord record = records.get(name);
        return record == null ? null : record.spec();
    }

    /** All networks' descriptions. */
    List<NetworkSpec> specs() {
        return records.values().stream().map(NetworkRecord::spec).toList();
    }

    /** Makes the host forward exactly these ports. Costs nothing when nothing changed. */
    void forward(List<Forward> wanted) throws IOException {
        lock.lock();
        try {
            if (!wanted.equals(forwards)) {
                host.get().forwards(wanted);
                forwards = wanted;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes the host forward these ports, whatever an earlier daemon left. */
    void forwardAnew(List<Forward> wanted) throws IOException {
        lock.lock();
        try {
            host.get().forwards(wanted);
            forwards = wanted;
        } finally {
            lock.unlock();
        }
    }

    /** What would keep servers from the network. */
    public List<Check> doctor() throws IOException {
        return host.get().doctor(specs());
    }

    /** Takes every network of this daemon off the host; they come back when they are next needed. */
    void offHost() throws IOException {
        lock.lock();
        try {
            host.get().purge(specs());
            up.clear();
            forwards = List.of();
        } finally {
            lock.unlock();
        }
    }
}
