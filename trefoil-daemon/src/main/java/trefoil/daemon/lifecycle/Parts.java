package trefoil.daemon.lifecycle;

import trefoil.daemon.journal.Crashpoint;
import trefoil.daemon.ledger.HostFigures;

/** What the daemon is put together from; tests put in their own. */
public record Parts(
        Engine.Opener engine,
        ImageShelf.Opener images,
        HostNetworks.Opener networks,
        HostFigures figures,
        Delay delay,
        Crashpoint crashpoint) {}
