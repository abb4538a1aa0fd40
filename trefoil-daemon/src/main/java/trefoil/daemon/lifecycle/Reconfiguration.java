package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Limits;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.container.RootDisk;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.Place;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;
import trefoil.linux.Sizes;
import trefoil.daemon.machine.MachineJail;
import trefoil.image.StoredImage;
import trefoil.network.NetworkSpec;

/** Changes the configuration of a server, as it runs where that can be; and its name, when it is stopped. */
final class Reconfiguration {
    private static final String DISK = "limits.disk";

    private final Facilities f;
    private final Starter starter;

    Reconfiguration(Facilities facilities, Starter starter) {
        this.f = facilities;
        this.starter = starter;
    }

    /** Refuses a call that is based on an old state. */
    @FunctionalInterface
    interface StateCheck {
        void matches(String etag);
    }

    /** Applies what {@code change} sets. */
    void change(String name, ServerConfig change, StateCheck check) throws IOException, InterruptedException {
        ServerEntry entry = f.registry().find(name);
        try (Turn.Hold _ = entry.turn().take(name, "changing its configuration", Turn.PATIENCE_MILLIS)) {
            check.matches(f.registry().etag(name));
            ServerRecord before = entry.record();
            refuseFixed(before, change);
            ServerConfig config = Rules.complete(merged(before.config(), change));
            refuseWhileRunning(before, config);
            refuseSmaller(before, config);
            apply(entry, before, config);
        }
    }

    private static void refuseFixed(ServerRecord server, ServerConfig change) {
        if (change.name() != null && !change.name().equals(server.name())) {
            throw Rules.bad("name", "a name is not changed by a change of configuration", "trefoil rename " + server.name() + " " + change.name());
        }
        if (change.image() != null && !change.image().equals(server.config().image())) {
            throw Rules.bad("image", "a server keeps the image it was made from", "launch another server from " + change.image());
        }
        if (change.kind() != null && change.kind() != ServerKind.AUTO && change.kind() != server.config().kind()) {
            throw Rules.bad("kind", "a server keeps its kind", null);
        }
    }

    private static ServerConfig merged(ServerConfig old, ServerConfig change) {
        Limits limits = change.limits() == null ? old.limits() : old.limits().with(change.limits());
        return new ServerConfig(
                old.name(), old.image(), old.kind(), limits, or(change.network(), old.network()),
                or(change.ports(), old.ports()), or(change.command(), old.command()),
                or(change.environment(), old.environment()), or(change.autostart(), old.autostart()),
                or(change.restart(), old.restart()), or(change.nesting(), old.nesting()),
                or(change.ephemeral(), old.ephemeral()), or(change.description(), old.description()));
    }

    private static <T> T or(T first, T second) {
        return first != null ? first : second;
    }

    private static void refuseWhileRunning(ServerRecord server, ServerConfig config) {
        if (server.alive() && !config.network().equals(server.config().network())) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "network: server " + server.name() + " is " + server.status() + "; its network is changed while it is stopped",
                    "trefoil stop " + server.name());
        }
        Long old = server.config().limits().disk();
        if (!Objects.equals(old, config.limits().disk()) && (old == null || config.limits().disk() == null)) {
            throw new ApiException(
                    ErrorCode.CONFLICT,
                    "limits.disk: a disk cap cannot be " + (old == null ? "given to a server that was made without" : "taken away from a server that was made with") + " one",
                    "make another server with --disk and copy the files");
        }
    }

    private void refuseSmaller(ServerRecord server, ServerConfig config) throws IOException {
        Long old = server.config().limits().disk();
        Long wanted = config.limits().disk();
        if (old != null && wanted < old) {
            long used = RootDisk.used(f.servers().resolve(server.name()));
            throw new ApiException(
                    ErrorCode.CONFLICT,
                    "limits.disk: a disk can grow, not shrink: it has " + Sizes.words(old)
                            + (used < 0 ? "" : ", of which " + Sizes.words(used) + " are used") + ", and " + Sizes.words(wanted) + " were asked for",
                    "make another server with --disk and copy the files");
        }
    }

    private void apply(ServerEntry entry, ServerRecord before, ServerConfig config) throws IOException {
        Limits limits = config.limits();
        if (before.alive()) {
            f.ledger().guarantee(before.name(), limits.memoryGuarantee());
        }
        boolean done = false;
        try {
            f.ledger().promiseDisk(before.name(), limits.disk());
            ServerRecord after = configured(entry, before, config);
            live(entry, after, before);
            ServerRecord grown = growDisk(after, before); // last: a disk that has grown stays so
            starter.keep(entry, grown);
            done = true;
            f.events().lifecycle(Starter.path(after), "server-updated", Map.of("name", after.name()));
        } finally {
            if (!done) {
                takeBack(entry, before);
            }
        }
    }

    private ServerRecord configured(ServerEntry entry, ServerRecord before, ServerConfig config) throws IOException {
        StoredImage image = starter.image(before);
        Place place = before.place();
        if (!config.network().equals(before.config().network())) {
            place = place(before, config);
        }
        List<String> command = Specs.command(config, image);
        Map<String, String> environment = Specs.environment(config, image);
        ServerRecord after = before.configured(config, place, command, environment, before.alive() ? pending(before, config) : List.of());
        if (!config.command().equals(before.config().command())) {
            f.engine().get().check(image.layers(), after.command());
        }
        entry.draft(after);
        return after;
    }

    /** What the process 1 that runs was not started with. */
    private static List<String> pending(ServerRecord before, ServerConfig config) {
        Set<String> pending = new TreeSet<>(before.pending());
        if (!config.command().equals(before.config().command())) {
            pending.add("command");
        }
        if (!config.environment().equals(before.config().environment())) {
            pending.add("environment");
        }
        if (Machines.is(before) && MachineJail.memory(config.limits()) != MachineJail.memory(before.config().limits())) {
            pending.add("limits.memoryCap");
        }
        if (Machines.is(before) && MachineJail.processors(config.limits()) != MachineJail.processors(before.config().limits())) {
            pending.add("limits.cpuCap");
        }
        if (!config.nesting().equals(before.config().nesting())) {
            pending.add("nesting");
        }
        return List.copyOf(pending);
    }

    private ServerRecord growDisk(ServerRecord after, ServerRecord before) throws IOException {
        Limits limits = after.config().limits();
        if (Objects.equals(limits.disk(), before.config().limits().disk())) {
            return after;
        }
        if (Machines.is(after)) {
            throw new ApiException(
                    ErrorCode.NOT_IMPLEMENTED, "limits.disk: the disk of a machine keeps the size that it was made with", "make another server with --disk and copy the files");
        }
        RootDisk.Growth growth = f.engine().get().growDisk(Specs.remains(after, f.servers()));
        Set<String> pending = new TreeSet<>(after.pending());
        switch (growth) {
            case NOW -> pending.remove(DISK);
            case AT_NEXT_START -> pending.add(DISK);
        }
        return after.pending(List.copyOf(pending));
    }

    private Place place(ServerRecord before, ServerConfig config) throws IOException {
        if (config.network().equals("none")) {
            return null;
        }
        NetworkSpec network = f.networks().ready(config.network());
        f.registry().placement().lock();
        try {
            return Place.of(f.networks().host().place(network, before.name(), f.registry().addresses(network.name())));
        } finally {
            f.registry().placement().unlock();
        }
    }

    /** Applies what can be applied to a running server. */
    private void live(ServerEntry entry, ServerRecord after, ServerRecord before) throws IOException {
        Run run = entry.run();
        if (!after.alive() || run == null) {
            return;
        }
        Limits now = after.config().limits();
        Limits was = before.config().limits();
        if (!Objects.equals(now, was)) {
            f.meter().charge(entry.overheadNanos(), () -> {
                run.container().limits(Specs.limits(after.config(), f.ledger()));
                return null;
            });
        }
        if (after.place() != null && !Specs.rates(now).equals(Specs.rates(was))) {
            f.networks().host().rates(after.place().attachment(), Specs.rates(now));
        }
        if (!after.config().ports().equals(before.config().ports())) {
            starter.reforward(after);
        }
    }

    private void takeBack(ServerEntry entry, ServerRecord before) throws IOException {
        entry.draft(before);
        f.ledger().upholdDisk(before.name(), before.config().limits().disk());
        Run run = entry.run();
        if (before.alive() && run != null && !run.over()) {
            f.ledger().uphold(before.name(), before.config().limits().memoryGuarantee());
            run.container().limits(Specs.limits(before.config(), f.ledger()));
            starter.reforward(before);
        }
    }

    /** Gives a stopped server another name. */
    void rename(String name, String to) throws IOException, InterruptedException {
        Rules.name(to);
        ServerEntry entry = f.registry().find(name);
        try (Turn.Hold _ = entry.turn().take(name, "renaming it", Turn.PATIENCE_MILLIS)) {
            ServerRecord before = f.registry().find(name).record();
            if (before.alive()) {
                throw new ApiException(
                        ErrorCode.CONFLICT, "server " + name + " is " + before.status() + "; only a stopped server is renamed", "trefoil stop " + name);
            }
            if (name.equals(to)) {
                return;
            }
            ServerEntry reserved = f.registry().reserve(to, "a rename of " + name);
            boolean done = false;
            try {
                move(entry, before, to);
                f.registry().renamed(name, to, entry);
                done = true;
            } finally {
                if (!done) {
                    f.registry().remove(to, reserved);
                }
            }
            f.ledger().forget(name);
            f.ledger().upholdDisk(to, entry.record().config().limits().disk());
            f.events().lifecycle(Starter.path(entry.record()), "server-renamed", Map.of("name", to, "from", name));
        }
    }

    private void move(ServerEntry entry, ServerRecord before, String to) throws IOException {
        ServerRecord after = renamed(before, to);
        Path from = f.servers().resolve(before.name());
        try (UndoJournal.Change change = f.journal().begin("renaming " + before.name() + " to " + to)) {
            change.intend(new Deed.Move(before, to));
            Files.move(from, f.servers().resolve(to), StandardCopyOption.ATOMIC_MOVE);
            f.crashpoint().at("moved " + before.name());
            change.commit(s -> {
                Kept.deleteServer(s, before.name());
                Kept.save(s, after);
            });
        }
        entry.record(after);
    }

    private ServerRecord renamed(ServerRecord r, String to) {
        ServerConfig c = r.config();
        ServerConfig config = new ServerConfig(
                to, c.image(), c.kind(), c.limits(), c.network(), c.ports(), c.command(), c.environment(), c.autostart(),
                c.restart(), c.nesting(), c.ephemeral(), c.description());
        Place p = r.place();
        Place place = p == null ? null : new Place(p.network(), to, p.hostInterface(), p.mac(), p.ipv4(), p.ipv6());
        return r.configured(config, place, r.command(), r.environment(), r.pending());
    }
}
