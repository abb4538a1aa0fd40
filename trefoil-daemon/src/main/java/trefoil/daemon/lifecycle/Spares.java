package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import trefoil.api.ApiException;
import trefoil.api.Limits;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.api.ServerStatus;
import trefoil.container.Container;
import trefoil.container.ContainerSpec;
import trefoil.daemon.database.DatabaseException;
import trefoil.daemon.database.Place;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;
import trefoil.image.StoredImage;
import trefoil.network.NetworkSpec;
import trefoil.network.Rates;

/**
 * Servers that are begun before they are asked for, so that the next launch finds most of its work done: process 1 in its
 * namespaces and on its root, waiting, with its control group, ids, files and network interface. Launches come in bursts, so the first
 * of a burst has some begun for those that follow; {@link #AGE} after the last launch there are none, and an idle daemon
 * keeps none. They never become older than that, since their clocks run (see {@link trefoil.container.Beginning}).
 *
 * <p>Each is a change of its own in the journal: a daemon that dies leaves it to the next one to be taken back. Thread-safe.
 */
final class Spares implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Spares.class.getName());
    private static final Duration AGE = Duration.ofSeconds(30);
    private static final Duration QUIET = Duration.ofMillis(30);

    private final Facilities f;
    private final IdRanges idRanges;
    private final int most;

    /** Guards what follows; held only while it is looked at. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Deque<Spare> ready = new ArrayDeque<>();
    private Like like;
    private long wantedAt;
    private boolean filling;
    private boolean closed;

    /** Held while one is made, so that {@link #close} comes after. Taken before {@link #lock}. */
    private final ReentrantLock making = new ReentrantLock();

    /** @param most how many are kept ready; 0 for none */
    Spares(Facilities facilities, IdRanges idRanges, int most) {
        this.f = facilities;
        this.idRanges = idRanges;
        this.most = most;
    }

    /** What was launched last: the next are likely to be of the same image, on the same network. */
    private record Like(String network, StoredImage image) {}

    /** One of them. Whoever takes it makes it a server or discards it. */
    final class Spare {
        private final ServerRecord record;
        private final ServerEntry entry;
        private final UndoJournal.Change change;
        private final Engine.Begun begun;
        private final long madeAt = System.nanoTime();

        private Spare(ServerRecord record, ServerEntry entry, UndoJournal.Change change, Engine.Begun begun) {
            this.record = record;
            this.entry = entry;
            this.change = change;
            this.begun = begun;
        }

        int idBase() {
            return record.idBase();
        }

        /** Its place on the network, under a server's name. */
        Place place(String serverName) {
            Place p = record.place();
            return new Place(p.network(), serverName, p.hostInterface(), p.mac(), p.ipv4(), p.ipv6());
        }

        /** The change that made it, to be committed with that of the server that it becomes. */
        UndoJournal.Change change() {
            return change;
        }

        /** The record of a server has its ids and place: they are no longer taken by this. */
        void named() {
            f.registry().remove(record.name(), entry);
        }

        /** CPU time that it took to make, nanoseconds. */
        long overheadNanos() {
            return entry.overheadNanos().get();
        }

        /** Makes it a server. */
        Container start(ContainerSpec spec, Place place, Rates rates) throws IOException {
            NetworkSpec on = f.networks().ready(place.network());
            if (rates.receive() != null || rates.transmit() != null) {
                f.networks().host().rates(place.attachment(), rates);
            }
            return begun.start(spec, () -> f.networks().host().rename(on, record.place().attachment(), place.attachment()));
        }

        /** Takes it back. */
        void discard() {
            try {
                begun.close();
            } catch (UncheckedIOException e) {
                LOG.log(Level.WARNING, "what was begun ahead of need is not cleared away at once", e);
            } finally {
                change.close();
                named();
            }
        }

        private boolean fresh() {
            return System.nanoTime() - madeAt < AGE.toNanos() && begun.waits();
        }
    }

    /** One that can become such a server; {@code null} when there is none. */
    Spare take(ServerConfig wanted, StoredImage image) {
        if (wanted.nesting() || wanted.limits().disk() != null) {
            return null;
        }
        List<Spare> old = new ArrayList<>();
        Spare found = null;
        lock.lock();
        try {
            for (Iterator<Spare> each = ready.iterator(); found == null && each.hasNext(); ) {
                Spare next = each.next();
                if (next.record.config().network().equals(wanted.network()) && next.record.fingerprint().equals(image.fingerprint())) {
                    each.remove();
                    if (next.fresh()) {
                        found = next;
                    } else {
                        old.add(next);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        discard(old);
        return found;
    }

    /**
     * A server was launched on this network from this image: others may follow. Those that wait on another network are taken
     * back, and one of another image where there are only such. Returns at once.
     */
    void launched(String onNetwork, StoredImage image) {
        if (most == 0 || onNetwork.equals("none")) {
            return;
        }
        boolean begin;
        List<Spare> unlike = new ArrayList<>();
        lock.lock();
        try {
            like = new Like(onNetwork, image);
            wantedAt = System.nanoTime();
            unlike.addAll(ready.stream().filter(s -> !s.record.config().network().equals(onNetwork)).toList());
            ready.removeAll(unlike);
            if (ready.size() >= most && ready.stream().noneMatch(s -> s.record.fingerprint().equals(image.fingerprint()))) {
                unlike.add(ready.pollFirst());
            }
            begin = !filling && !closed && ready.size() < most;
            filling |= begin;
        } finally {
            lock.unlock();
        }
        if (begin || !unlike.isEmpty()) {
            f.background().start("beginning servers ahead of need", () -> {
                discard(unlike);
                if (begin) {
                    fill();
                }
            });
        }
    }

    private void fill() throws InterruptedException {
        boolean failed = false;
        while (!failed && wanted()) {
            long wait = untilQuiet();
            if (wait > 0) {
                Thread.sleep(Duration.ofNanos(wait));
                continue;
            }
            making.lock();
            try {
                failed = !makeOne();
            } finally {
                making.unlock();
            }
        }
        f.delay().after(AGE.plusMillis(100), () -> f.background().start("discarding what was begun ahead of need", this::discardOld));
    }

    /** Whether another is to be made; when not, the filling is over. */
    private boolean wanted() {
        lock.lock();
        try {
            boolean more = !closed && ready.size() < most;
            filling = more;
            return more;
        } finally {
            lock.unlock();
        }
    }

    /** Nanoseconds to wait, so that what was just launched gets on; none when few are left. */
    private long untilQuiet() {
        lock.lock();
        try {
            return closed || ready.size() <= most / 2 ? 0 : wantedAt + QUIET.toNanos() - System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    private boolean makeOne() {
        Like wanted = wantedLike();
        try {
            Spare spare = make(wanted);
            boolean kept;
            lock.lock();
            try {
                kept = !closed && wanted.network().equals(like.network());
                if (kept) {
                    ready.addLast(spare);
                }
            } finally {
                lock.unlock();
            }
            if (!kept) {
                spare.discard();
            }
            return true;
        } catch (IOException | ApiException | DatabaseException e) {
            LOG.log(Level.DEBUG, "nothing is begun ahead of need", e);
            giveUp();
            return false;
        }
    }

    private Like wantedLike() {
        lock.lock();
        try {
            return like;
        } finally {
            lock.unlock();
        }
    }

    private void giveUp() {
        lock.lock();
        try {
            filling = false;
        } finally {
            lock.unlock();
        }
    }

    private Spare make(Like wanted) throws IOException {
        String on = wanted.network();
        NetworkSpec spec = f.networks().ready(on);
        ServerEntry entry;
        ServerRecord record;
        f.registry().placement().lock();
        try {
            int idBase = idRanges.choose(f.registry().idBases());
            String label = idBase / IdRanges.SIZE + "-begun"; // no server's name: those begin with a letter
            entry = f.registry().reserve(label, "the daemon, ahead of need");
            Place place = Place.of(f.networks().host().place(spec, label, f.registry().addresses(on)));
            record = record(label, wanted, idBase, place);
            entry.draft(record);
        } finally {
            f.registry().placement().unlock();
        }
        UndoJournal.Change change = f.journal().begin("beginning " + record.name() + " ahead of need");
        boolean made = false;
        try {
            change.intend(new Deed.Launch(record));
            Engine.Begun begun = f.meter().charge(entry.overheadNanos(), () -> f.engine().get().begin(
                    Specs.of(record, wanted.image(), f.servers(), f.ledger()),
                    namespace -> f.networks().host().attach(spec, record.place().attachment(), namespace, new Rates(null, null))));
            f.crashpoint().at("begun " + record.name());
            made = true;
            return new Spare(record, entry, change, begun);
        } finally {
            if (!made) {
                change.close();
                f.registry().remove(record.name(), entry);
            }
        }
    }

    private static ServerRecord record(String label, Like like, int idBase, Place place) {
        ServerConfig config = new ServerConfig(
                label, "", ServerKind.OS, Limits.NONE, like.network(), List.of(), List.of(), Map.of(), false, RestartPolicy.NEVER, false, true, null);
        return new ServerRecord(
                label, config, like.image().fingerprint(), "", "", idBase, place, List.of(), Map.of(), ServerStatus.STOPPED, null,
                System.currentTimeMillis(), null, null, null, 1, List.of());
    }

    private void discardOld() {
        List<Spare> old = new ArrayList<>();
        lock.lock();
        try {
            for (Spare spare : List.copyOf(ready)) {
                if (!spare.fresh()) {
                    ready.remove(spare);
                    old.add(spare);
                }
            }
        } finally {
            lock.unlock();
        }
        discard(old);
    }

    private static void discard(List<Spare> spares) {
        spares.forEach(Spare::discard);
    }

    /** Takes back all that are on a network, and makes none there until a server is launched on it again. */
    void leaveNetwork(String gone) {
        leave(spare -> spare.record.config().network().equals(gone), last -> last.network().equals(gone));
    }

    /** Takes back all that are of an image, and makes none of it until a server is launched from it again. */
    void leaveImage(String fingerprint) {
        leave(spare -> spare.record.fingerprint().equals(fingerprint), last -> last.image().fingerprint().equals(fingerprint));
    }

    private void leave(Predicate<Spare> which, Predicate<Like> no) {
        making.lock();
        try {
            List<Spare> there;
            lock.lock();
            try {
                if (like != null && no.test(like)) {
                    wantedAt = System.nanoTime() - AGE.toNanos();
                }
                there = ready.stream().filter(which).toList();
                ready.removeAll(there);
            } finally {
                lock.unlock();
            }
            discard(there);
        } finally {
            making.unlock();
        }
    }

    /** Takes all back, and makes no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        making.lock();
        try {
            List<Spare> all;
            lock.lock();
            try {
                all = List.copyOf(ready);
                ready.clear();
            } finally {
                lock.unlock();
            }
            discard(all);
        } finally {
            making.unlock();
        }
    }

    /** How many wait to be taken. */
    int ready() {
        lock.lock();
        try {
            return ready.size();
        } finally {
            lock.unlock();
        }
    }
}
