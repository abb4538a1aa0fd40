package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.container.Container;
import trefoil.container.ContainerEngine.NetworkSetup;
import trefoil.container.ContainerSpec;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.ledger.Ledger;
import trefoil.daemon.machine.GuestContainer;
import trefoil.daemon.machine.MachineJail;
import trefoil.daemon.machine.MachineProgram;
import trefoil.image.Progress;
import trefoil.image.machine.MachineImage;
import trefoil.linux.FileDescriptor;
import trefoil.linux.tap.Tap;
import trefoil.network.NetworkException;
import trefoil.network.NetworkSpec;

/** What is different about servers that are virtual machines: the container that the engine runs is the one around the machine. */
final class Machines {
    private static final System.Logger LOG = System.getLogger(Machines.class.getName());

    /** In a machine's directory: what it stands on. */
    private static final String NOTE = "stands-on";

    private final Path servers;
    private final Lazily<ImageShelf> images;
    private final NetworkRegistry networks;
    private final Ledger ledger;
    private final MachineProgram program;
    private final Registry registry;

    Machines(Path servers, Lazily<ImageShelf> images, NetworkRegistry networks, Ledger ledger, Registry registry) {
        this.registry = registry;
        this.servers = servers;
        this.images = images;
        this.networks = networks;
        this.ledger = ledger;
        this.program = new MachineProgram(servers.resolveSibling("machine-programs"));
    }

    /** Whether a server of this configuration is a machine. */
    static boolean is(ServerConfig config) {
        return config.kind() == ServerKind.PARA;
    }

    /** Whether a server is one. */
    static boolean is(ServerRecord record) {
        return is(record.config());
    }

    /** Has what it boots from made, where it is not there. */
    MachineImage image(String fingerprint, ServerConfig config, Progress progress) throws IOException {
        return images.get().machineImage(fingerprint, MachineJail.disk(config.limits()), progress);
    }

    /** The images of a daemon that has just begun, without what no machine stands on any more. */
    static ImageShelf swept(ImageShelf shelf, Path servers) {
        List<Path> notes = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(servers)) {
            all.forEach(server -> notes.add(server.resolve(NOTE)));
            shelf.sweepMachineImages(notes);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "disks and kernels of machines that nobody needs stay for now", e);
        }
        return shelf;
    }

    /** The container around one that has no files yet. */
    ContainerSpec spec(ServerRecord record) throws IOException {
        return spec(record, image(record.fingerprint(), record.config(), Progress.NONE));
    }

    private ContainerSpec spec(ServerRecord record, MachineImage image) throws IOException {
        return MachineJail.spec(
                record.name(), servers.resolve(record.name()), program.layers(), image, record.idBase(), record.config().limits(), Specs.processes(record.config().limits(), ledger), place(record));
    }

    private MachineJail.Place place(ServerRecord record) throws IOException {
        if (record.place() == null) {
            return null;
        }
        NetworkSpec network = networks.ready(record.place().network());
        return new MachineJail.Place(record.place().attachment().mac(), record.place().ipv4(), network.ipv4(), record.place().ipv6(), network.ipv6(), network.domain());
    }

    /** Starts it: the container first, whose process waits for its network. */
    Container start(Engine engine, ServerRecord record) throws IOException {
        requireDisk(record);
        ContainerSpec spec = spec(record, images.get().machineImage(record.fingerprint(), MachineJail.disk(record.config().limits()), servers.resolve(record.name()).resolve(NOTE), Progress.NONE));
        if (registry.made().stream().map(ServerEntry::record).noneMatch(other -> is(other) && other.alive())) {
            program.removeOthers();
        }
        if (record.place() != null) {
            plug(record);
        }
        GuestContainer guest = new GuestContainer(engine.start(spec, NetworkSetup.NONE));
        begin(guest, record);
        return guest;
    }

    /** One that has been usable has a disk; beginning with a new one would hide that it is lost. */
    private void requireDisk(ServerRecord record) {
        Path disk = MachineJail.ownDisk(servers.resolve(record.name()));
        if (record.usableAfterMillis() != null && !Files.exists(disk)) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "the disk of " + record.name() + " is gone: there is no " + disk, "bring it back from a backup, or: trefoil delete " + record.name());
        }
    }

    private void plug(ServerRecord record) throws IOException {
        NetworkSpec network = networks.ready(record.place().network());
        try {
            networks.host().attachTap(network, record.place().attachment(), Specs.rates(record.config().limits()));
        } catch (NetworkException e) {
            networks.suspect(record.place().network());
            throw e;
        }
    }

    private static void begin(GuestContainer guest, ServerRecord record) throws IOException {
        if (record.place() == null) {
            return;
        }
        try (Tap tap = Tap.open(record.place().attachment().hostInterface())) {
            guest.boot(List.<FileDescriptor>of(tap.descriptor()));
        }
    }

    /** One that an earlier daemon started. That one may have died before the machine had its network. */
    Container adopted(ServerRecord record, Container jail) {
        GuestContainer guest = new GuestContainer(jail);
        try {
            if (jail.alive() && !jail.paused() && guest.status().state().equals("waiting")) {
                plug(record);
                begin(guest, record);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "machine " + record.name() + " may not have begun", e);
        }
        return guest;
    }
}
