package trefoil.network;

import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;
import trefoil.linux.tap.Tap;

/**
 * The tap interfaces of virtual machines: persistent, so that they outlive the daemon that made them, and the process of the machine, which takes its own up by name. One that is held is never made anew: the machine at
 * its other end would be cut off. Thread-safe for different servers.
 */
final class Taps {
    /** What the kernel calls taps. */
    static final String KIND = "tun";

    private static final int ROOT = 0;

    private final RouteSocket host;
    private final LinkRemoval removal;
    private final InterfaceNames names;

    Taps(RouteSocket host, LinkRemoval removal, InterfaceNames names) {
        this.host = host;
        this.removal = removal;
        this.names = names;
    }

    /** Makes the interface a port of the bridge, up; one that is there is kept. Anything else of that name is a former run's and goes. */
    void make(Link bridge, Attachment a) throws NetworkException, ErrnoException {
        Link there = host.link(a.hostInterface()).orElse(null);
        if (there != null && !there.kind().equals(KIND)) {
            removal.remove(there.name());
            there = null;
        }
        if (there == null) {
            create(a.hostInterface());
            there = host.link(a.hostInterface()).orElseThrow(() -> new ErrnoException("get " + a.hostInterface(), Errno.ENODEV));
        }
        RouteBatch batch = new RouteBatch();
        String mac = mac(a);
        if (!there.mac().equals(mac)) {
            batch.hardwareAddress(there.index(), mac);
        }
        host.run(batch.mtu(there.index(), bridge.mtu()).master(there.index(), bridge.index()).up(there.index()));
    }

    /** The host's own address at its end of the cable: the other end's is the server's. */
    String mac(Attachment a) {
        return names.mac(a.network(), "tap " + a.hostInterface());
    }

    private static void create(String name) throws NetworkException, ErrnoException {
        try (Tap tap = Tap.open(name)) {
            tap.owner(ROOT);
            tap.persist();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV || e.errno() == Errno.ENXIO) {
                throw new NetworkException("this host's kernel has no tap interfaces, which virtual machines need: " + e.getMessage(), "modprobe tun", e);
            }
            throw e;
        }
    }

    TapState state(String name) throws ErrnoException {
        return host.link(name).filter(link -> link.kind().equals(KIND)).map(link -> link.carrier() ? TapState.HELD : TapState.IDLE).orElse(TapState.ABSENT);
    }
}
