package trefoil.network;

import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteBatch;
import trefoil.linux.netlink.RouteSocket;

/**
 * Limits of a server's rates, all on the host's end of its cable, out of the server's reach. What it receives passes a
 * token bucket as the host's end sends it. What it transmits is redirected, as the host's end receives it, through an
 * ifb device with a token bucket of its own; packets come out of that as if the host's end had just received them, on
 * their way to the bridge and its guard. Only a server with such a limit has an ifb. Thread-safe.
 */
final class Shaper {
    private static final int LINK_HEADER = 18; // Ethernet with one VLAN tag
    private static final double BURST_SECONDS = 0.01;
    private static final double QUEUE_SECONDS = 0.1;
    private static final int LEAST_QUEUE = 64 * 1024; // one packet as offloading forms it
    private static final long LEAST_RATE = 8_000;

    private final RouteSocket host;
    private final InterfaceNames names;

    Shaper(RouteSocket host, InterfaceNames names) {
        this.host = host;
        this.names = names;
    }

    static void check(Rates rates) throws NetworkException {
        for (Long rate : new Long[] {rates.receive(), rates.transmit()}) {
            if (rate != null && rate < LEAST_RATE) {
                throw new NetworkException("a network rate of " + rate + " bit/s is too low: a full packet would take longer than a second",
                        "give at least " + LEAST_RATE + " bit/s, or no limit", null);
            }
        }
    }

    /** Makes the limits be these. */
    void apply(Link port, Rates rates) throws ErrnoException {
        receive(port, rates.receive());
        transmit(port, rates.transmit());
    }

    private void receive(Link port, Long rate) throws ErrnoException {
        if (rate == null) {
            tolerating(new RouteBatch().deleteRootQueue(port.index()), Errno.ENOENT, Errno.EINVAL);
        } else {
            host.run(bucket(new RouteBatch(), port.index(), port.mtu(), rate));
        }
    }

    private void transmit(Link port, Long rate) throws ErrnoException {
        String ifb = names.ifb(port.name());
        if (rate == null) {
            release(port.name());
            return;
        }
        tolerating(new RouteBatch().ifb(ifb, port.mtu()), Errno.EEXIST);
        Link block = host.link(ifb).orElseThrow(() -> new ErrnoException("ifb " + ifb + " vanished", Errno.ENODEV));
        host.run(bucket(new RouteBatch().up(block.index()), block.index(), port.mtu(), rate));
        // Filters cannot be told apart: a queue made now has none, one that was there may lead to a former ifb.
        tolerating(new RouteBatch().deleteIngressQueue(port.index()), Errno.ENOENT, Errno.EINVAL);
        host.run(new RouteBatch().ingressQueue(port.index()).redirectIncoming(port.index(), block.index()));
    }

    /** Name of a port's ifb, whether there is one or not. */
    String block(String port) {
        return names.ifb(port);
    }

    /** Removes the ifb of a port, whether the port is still there or not. */
    void release(String port) throws ErrnoException {
        Link link = host.link(port).orElse(null);
        if (link != null) {
            // ENODEV: the server ended just now, and the kernel takes its port away by itself.
            tolerating(new RouteBatch().deleteIngressQueue(link.index()), Errno.ENOENT, Errno.EINVAL, Errno.ENODEV);
        }
        tolerating(new RouteBatch().deleteLink(names.ifb(port)), Errno.ENODEV);
    }

    private static RouteBatch bucket(RouteBatch batch, int index, int mtu, long bits) {
        long bytes = bits / 8;
        int burst = (int) Math.clamp((long) (bytes * BURST_SECONDS), 2L * (mtu + LINK_HEADER), Integer.MAX_VALUE / 4);
        int queue = Math.clamp((long) (bytes * QUEUE_SECONDS), LEAST_QUEUE, Integer.MAX_VALUE / 4) + burst;
        return batch.tokenBucket(index, bytes, burst, queue);
    }

    private void tolerating(RouteBatch batch, int... errnos) throws ErrnoException {
        try {
            host.run(batch);
        } catch (ErrnoException e) {
            for (int errno : errnos) {
                if (e.errno() == errno) {
                    return;
                }
            }
            throw e;
        }
    }
}
