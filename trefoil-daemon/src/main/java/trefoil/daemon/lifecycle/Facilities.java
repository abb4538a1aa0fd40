package trefoil.daemon.lifecycle;

import java.nio.file.Path;
import trefoil.daemon.database.Database;
import trefoil.daemon.event.Events;
import trefoil.daemon.journal.Crashpoint;
import trefoil.daemon.journal.UndoJournal;
import trefoil.daemon.ledger.Ledger;

/**
 * What the parts of the lifecycle share.
 *
 * @param servers directory of the servers' own directories
 */
record Facilities(
        Path servers,
        Database database,
        UndoJournal journal,
        Events events,
        Ledger ledger,
        Lazily<Engine> engine,
        Lazily<ImageShelf> images,
        Registry registry,
        Machines machines,
        NetworkRegistry networks,
        Meter meter,
        Background background,
        Delay delay,
        Crashpoint crashpoint) {}
