package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import trefoil.api.ApiError;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.container.ContainerSpec;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.Place;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.journal.Deed;
import trefoil.daemon.journal.UndoJournal;
import trefoil.daemon.operation.OperationRun;
import trefoil.image.StoredImage;
import trefoil.network.NetworkSpec;

/**
 * Makes a server and, if asked, starts it and waits for it. Phases: image, create, start, waiting. Until process 1
 * runs, a failure leaves nothing; after that the server stays, for inspection.
 */
final class Launch {
    /** How far a launch goes before it counts as done. */
    enum Wait {
        NONE,
        /** It has an address. */
        IP,
        /** It can be worked with. */
        USABLE,
        /** Its process 1 has ended. */
        EXIT
    }

    private static final int MOST_PASSED = 1000;
    private static final long CONCLUSION_MILLIS = 5000;

    private record Checked(String fingerprint, List<String> command) {}

    private final Set<Checked> passed = ConcurrentHashMap.newKeySet();
    private final Facilities f;
    private final Starter starter;
    private final IdRanges idRanges;
    private final Spares spares;

    Launch(Facilities facilities, Starter starter, IdRanges idRanges, Spares spares) {
        this.f = facilities;
        this.starter = starter;
        this.idRanges = idRanges;
        this.spares = spares;
    }

    /** Takes the name; the caller then runs {@link #run}, or gives the name up. */
    ServerEntry reserve(ServerConfig whole, String making) {
        return f.registry().reserve(whole.name(), making);
    }

    /** Does it. {@code whole} is complete, its name is reserved by {@code entry}. */
    void run(ServerEntry entry, ServerConfig whole, boolean start, Wait wait, long waitMillis, OperationRun operation)
            throws IOException, InterruptedException {
        Run run = null;
        StoredImage image;
        boolean made = false;
        try (Turn.Hold _ = entry.turn().take("making it (" + operation.path() + ")")) {
            image = image(whole, operation);
            operation.notCancellable();
            run = make(entry, whole, image, start, operation);
            if (run != null && wait != Wait.NONE) {
                run.beginAwaited();
            }
            made = true;
        } finally {
            if (!made) {
                f.registry().remove(whole.name(), entry);
                f.ledger().forget(whole.name());
            }
        }
        if (run != null && !Machines.is(whole)) {
            spares.launched(whole.network(), image);
        }
        if (run != null && wait != Wait.NONE) {
            await(whole.name(), run, wait, waitMillis, operation);
        }
    }

    private StoredImage image(ServerConfig whole, OperationRun operation) throws IOException {
        operation.phase("image");
        StoredImage there = f.images().get().find(whole.image()).orElse(null);
        if (there == null) {
            f.ledger().roomForAnother();
            operation.cancellable();
            there = f.images().get().build(whole.image(), false, operation::progress);
        }
        if (Machines.is(whole)) {
            operation.cancellable();
            f.machines().image(there.fingerprint(), whole, operation::progress);
        }
        return there;
    }

    private Run make(ServerEntry entry, ServerConfig whole, StoredImage image, boolean start, OperationRun operation)
            throws IOException {
        operation.phase("create");
        if (!Machines.is(whole)) { // which has a kernel of its own
            check(whole, image);
        }
        f.ledger().roomForAnother();
        Spares.Spare spare = start && !Machines.is(whole) ? spares.take(whole, image) : null;
        boolean made = false;
        try {
            Run run = make(entry, whole, image, start, spare, operation);
            made = true;
            return run;
        } finally {
            if (!made && spare != null) {
                spare.discard();
            }
        }
    }

    private Run make(
            ServerEntry entry, ServerConfig whole, StoredImage image, boolean start, Spares.Spare spare, OperationRun operation)
            throws IOException {
        ServerRecord record = draft(entry, whole, image, spare);
        f.ledger().promiseDisk(record.name(), whole.limits().disk());
        try (UndoJournal.Change change = f.journal().begin((start ? "launching " : "making ") + record.name())) {
            if (start) {
                f.ledger().guarantee(record.name(), whole.limits().memoryGuarantee());
                change.intend(new Deed.Launch(record));
            } else {
                change.intend(new Deed.Files(record));
            }
            if (spare == null) { // which has files
                makeFiles(entry, record, image);
            }
            Run run = start ? start(entry, record, change, spare, operation) : null;
            if (!start) {
                change.commit(s -> Kept.save(s, record));
                entry.record(record);
            }
            f.events().lifecycle(Starter.path(record), "server-created", Map.of("name", record.name(), "image", record.image()));
            return run;
        } finally {
            if (entry.record() == null) {
                f.ledger().release(record.name());
            }
        }
    }

    private void makeFiles(ServerEntry entry, ServerRecord record, StoredImage image) throws IOException {
        ContainerSpec spec = Machines.is(record) ? f.machines().spec(record) : Specs.of(record, image, f.servers(), f.ledger());
        f.meter().charge(entry.overheadNanos(), () -> {
            f.engine().get().create(spec);
            return null;
        });
        f.crashpoint().at("made the files of " + record.name());
    }

    /** The homogeneity check. An image does not change, so what passed once passes again. */
    private void check(ServerConfig whole, StoredImage image) throws IOException {
        Checked checked = new Checked(image.fingerprint(), Specs.command(whole, image));
        if (!passed.contains(checked)) {
            f.engine().get().check(image.layers(), checked.command());
            if (passed.size() < MOST_PASSED) {
                passed.add(checked);
            }
        }
    }

    private Run start(
            ServerEntry entry, ServerRecord record, UndoJournal.Change change, Spares.Spare spare, OperationRun operation)
            throws IOException {
        operation.phase("start");
        return starter.start(entry, record, change, spare);
    }

    /** What is to be kept, its id range and place chosen and taken. */
    private ServerRecord draft(ServerEntry entry, ServerConfig whole, StoredImage image, Spares.Spare spare) throws IOException {
        if (spare != null) {
            ServerRecord record = draft(whole, image, spare.idBase(), spare.place(whole.name()));
            entry.draft(record);
            spare.named();
            return record;
        }
        NetworkSpec network = whole.network().equals("none") ? null : f.networks().ready(whole.network());
        f.registry().placement().lock();
        try {
            Place place = network == null
                    ? null
                    : Place.of(f.networks().host().place(network, whole.name(), f.registry().addresses(network.name())));
            ServerRecord record = draft(whole, image, idRanges.choose(f.registry().idBases()), place);
            entry.draft(record);
            if (network != null) {
                f.networks().ready(network.name()); // it may have been deleted until the draft was there to be seen
            }
            return record;
        } finally {
            f.registry().placement().unlock();
        }
    }

    private static ServerRecord draft(ServerConfig whole, StoredImage image, int idBase, Place place) {
        return new ServerRecord(
                whole.name(), whole, image.fingerprint(), whole.image(), image.os(), idBase, place,
                Specs.command(whole, image), Specs.environment(whole, image), ServerStatus.STOPPED, null,
                System.currentTimeMillis(), null, null, null, 1, List.of());
    }

    private static void await(String name, Run run, Wait wait, long millis, OperationRun operation)
            throws InterruptedException {
        operation.phase(switch (wait) {
            case NONE, EXIT -> "waiting for its end";
            case IP -> "waiting for an address";
            case USABLE -> "waiting until it is usable";
        });
        operation.cancellable();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        boolean reached;
        try {
            reached = switch (wait) {
                case NONE -> true;
                case IP -> run.awaitAddress(millis);
                case USABLE -> run.awaitUsable(millis);
                case EXIT -> run.awaitEnd(millis);
            };
        } finally {
            if (!run.over()) {
                run.endAwaited(); // a run that ended while it was awaited is this command's affair, not the restart policy's
            }
        }
        operation.notCancellable();
        if (wait == Wait.EXIT && reached) {
            run.awaitConclusion(Math.max(1000, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            operation.result("exitStatus", String.valueOf(run.exit().shellStatus()));
        } else if (run.over()) {
            run.awaitConclusion(CONCLUSION_MILLIS); // so that whoever looks after the failure sees it stopped
            throw Endings.endedTooSoon(name, run);
        } else if (!reached) {
            throw notInTime(name, run, wait, millis);
        }
    }

    private static ApiException notInTime(String name, Run run, Wait wait, long millis) throws InterruptedException {
        ErrorCode code = ErrorCode.TIMEOUT;
        String what = switch (wait) {
            case NONE, EXIT -> "did not end within " + millis / 1000 + " s: its process 1 goes on running";
            case IP -> "had no address within " + millis / 1000 + " s: " + run.hindrance();
            case USABLE -> "was not usable within " + millis / 1000 + " s: " + Readiness.lacking(run);
        };
        return new ApiException(new ApiError(
                code.word(), code.httpStatus(), "server " + name + " " + what + ". It was left running, for inspection",
                "trefoil console " + name + ", trefoil logs " + name + "; or trefoil delete --force " + name, null));
    }
}
