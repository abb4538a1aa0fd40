package trefoil.daemon.lifecycle;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import trefoil.container.Container;
import trefoil.container.Exit;
import trefoil.daemon.database.Database;
import trefoil.daemon.event.Events;
import trefoil.daemon.journal.UndoJournal;
import trefoil.daemon.ledger.Ledger;
import trefoil.daemon.ledger.Reserve;
import trefoil.daemon.operation.Operations;

/** The lifecycle, put together. */
public final class Hosting implements AutoCloseable {
    private final Lazily<Engine> engine;
    private final Lazily<ImageShelf> images;
    private final Lazily<HostNetworks> hostNetworks;
    private final Meter meter = new Meter();
    private final Background background = new Background();
    private final Ledger ledger;
    private final Registry registry = new Registry();
    private final NetworkRegistry networks;
    private final UndoJournal journal;
    private final Servers servers;
    private final ServerFiles files;
    private final IdRanges idRanges;
    private final Spares spares;
    private final Anticipation anticipation;
    private final AtomicReference<Endings> endings = new AtomicReference<>();

    /**
     * @param directory of the servers' own directories
     * @param ahead how many servers are kept begun ahead of need, see {@link Spares}
     */
    public Hosting(
            Parts parts, Path directory, Reserve reserve, IdRanges idRanges, int ahead, Database database, Events events,
            Operations operations) {
        this.idRanges = idRanges;
        this.engine = new Lazily<>(() -> parts.engine().open(this::ended));
        this.images = new Lazily<>(() -> Machines.swept(parts.images().open(), directory));
        this.hostNetworks = new Lazily<>(() -> parts.networks().open());
        AtomicReference<Usages> usages = new AtomicReference<>();
        this.ledger = new Ledger(parts.figures(), reserve, server -> usages.get().diskUsed(server));
        this.networks = new NetworkRegistry(hostNetworks, database, events, registry::on, network -> leaveNetwork(network));
        Remedies remedies = new Remedies(directory, database, engine, hostNetworks, networks::spec, networks::forget, parts.crashpoint());
        this.journal = new UndoJournal(database, remedies, parts.crashpoint());
        networks.journal(journal);
        Facilities f = new Facilities(
                directory, database, journal, events, ledger, engine, images, registry, new Machines(directory, images, networks, ledger, registry), networks, meter, background,
                parts.delay(), parts.crashpoint());
        this.spares = new Spares(f, idRanges, ahead);
        this.anticipation = new Anticipation(parts.delay(), ahead > 0);
        usages.set(new Usages(f));
        Readiness readiness = new Readiness(f);
        Starter starter = new Starter(f, remedies, readiness);
        Removal removal = new Removal(f, starter, remedies);
        endings.set(new Endings(f, starter, removal));
        this.files = new ServerFiles(f, starter);
        this.servers = new Servers(
                f, operations, new Launch(f, starter, idRanges, spares), new Power(f, starter, endings.get(), removal), removal,
                endings.get(), new Reconfiguration(f, starter), usages.get(),
                new Recovery(f, starter, endings.get(), readiness), spares);
    }

    private void leaveNetwork(String network) {
        spares.leaveNetwork(network);
    }

    /** Takes back what is begun ahead of need from an image, so that it can be deleted. */
    public void leaveImage(String fingerprint) {
        spares.leaveImage(fingerprint);
    }

    private void ended(Container container, Exit exit) {
        endings.get().ended(container, exit);
    }

    /** Files of servers. */
    public ServerFiles files() {
        return files;
    }

    /** Servers. */
    public Servers servers() {
        return servers;
    }

    /** Who is made from what and is on which network. */
    public Registry registry() {
        return registry;
    }

    /** Networks. */
    public NetworkRegistry networks() {
        return networks;
    }

    /** Images. */
    public Lazily<ImageShelf> images() {
        return images;
    }

    /** The container engine. */
    public Lazily<Engine> engine() {
        return engine;
    }

    /** The host's ledger. */
    public Ledger ledger() {
        return ledger;
    }

    /** The undo journal. */
    public UndoJournal journal() {
        return journal;
    }

    /** How many servers are begun ahead of need. */
    public int spares() {
        return spares.ready();
    }

    /** What waits in servers for commands to be run. */
    public Anticipation anticipation() {
        return anticipation;
    }

    /** Id ranges. */
    public IdRanges idRanges() {
        return idRanges;
    }

    /** For tests: ends the threads, as {@code kill -9} would, and does nothing else. */
    public void die() {
        background.close();
    }

    /** Lets go of everything; servers go on. */
    @Override
    public void close() {
        anticipation.close();
        spares.close();
        background.close();
        meter.close();
        if (engine.ifOpen() != null) {
            engine.ifOpen().close();
        }
        if (hostNetworks.ifOpen() != null) {
            hostNetworks.ifOpen().close();
        }
        if (images.ifOpen() != null) {
            images.ifOpen().close();
        }
    }
}
