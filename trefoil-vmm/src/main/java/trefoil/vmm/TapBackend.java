package trefoil.vmm;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.event.Poll;
import trefoil.linux.event.Signal;
import trefoil.linux.netlink.Link;
import trefoil.linux.netlink.RouteSocket;
import trefoil.linux.tap.Tap;
import trefoil.machine.IoStatus;
import trefoil.machine.NetBackend;

/**
 * A network card's cable that ends in a tap interface of the host. Frames go from and to the segments as they are, by one system call each. What the kernel refuses of the guest's frames (a header that does not describe
 * its frame, no room) is lost, as on any network; when the interface is deleted the network is gone.
 */
public final class TapBackend implements NetBackend {
    private static final System.Logger LOG = System.getLogger(TapBackend.class.getName());
    private static final int HEADER = 12;
    private static final int FOR_EVER = -1;
    private static final int SEGMENTATION = Tap.CHECKSUM | Tap.TSO4 | Tap.TSO6;

    private final String name;
    private final int mtu;
    private final Tap tap;
    private final Signal end;
    private final Set<Offload> offloads;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Held while the descriptors are used; {@link #close} takes both, receiving first. */
    private final ReentrantLock receiving = new ReentrantLock();
    private final ReentrantLock sending = new ReentrantLock();

    /**
     * Takes up an interface that is there, in the calling thread's network namespace.
     *
     * @throws ErrnoException ENODEV when there is none; EBUSY when another process holds it
     */
    public TapBackend(String name) throws ErrnoException {
        this(mtu(name), name);
    }

    /** Knows that the interface is there: opening would make it. */
    private TapBackend(int mtu, String name) throws ErrnoException {
        this(takeUp(name), name, mtu);
    }

    /**
     * With an interface that was taken up already, which is closed with this.
     *
     * @param name for messages
     * @param mtu its greatest packet in bytes
     */
    public TapBackend(Tap taken, String name, int mtu) throws ErrnoException {
        this.name = name;
        this.mtu = mtu;
        this.tap = taken;
        Signal signal = null;
        try {
            signal = new Signal();
            tap.headerLength(HEADER);
            this.offloads = offloads(tap);
            tap.offload(0);
        } catch (ErrnoException e) {
            tap.close();
            if (signal != null) {
                signal.close();
            }
            throw e;
        }
        this.end = signal;
    }

    private static int mtu(String name) throws ErrnoException {
        try (RouteSocket route = RouteSocket.open()) {
            return route.link(name).map(Link::mtu).orElseThrow(() -> new ErrnoException("there is no tap interface " + name, Errno.ENODEV));
        }
    }

    private static Tap takeUp(String name) throws ErrnoException {
        try {
            return Tap.open(name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EBUSY) {
                throw new ErrnoException("another process holds " + name + "; end the machine that it runs, or take another tap", Errno.EBUSY);
            }
            throw e;
        }
    }

    /** What the kernel takes: segmentation of UDP since Linux 6.2. */
    private static Set<Offload> offloads(Tap tap) throws ErrnoException {
        try {
            tap.offload(SEGMENTATION | Tap.USO);
            return Set.of(Offload.values());
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return Set.copyOf(EnumSet.complementOf(EnumSet.of(Offload.USO)));
        }
    }

    /** The interface's greatest packet in bytes when it was taken up. */
    public int mtu() {
        return mtu;
    }

    @Override
    public int headerLength() {
        return HEADER;
    }

    @Override
    public Set<Offload> offloads() {
        return offloads;
    }

    @Override
    public void accept(Set<Offload> chosen) {
        int undone = 0;
        if (chosen.contains(Offload.CHECKSUM)) { // the kernel takes the others with this one only
            for (Offload offload : chosen) {
                undone |= bits(offload);
            }
        }
        sending.lock();
        try {
            if (!closed.get()) {
                tap.offload(undone);
            }
        } catch (ErrnoException e) {
            lost(e);
        } finally {
            sending.unlock();
        }
    }

    private static int bits(Offload offload) {
        return switch (offload) {
            case CHECKSUM -> Tap.CHECKSUM;
            case TSO4 -> Tap.TSO4;
            case TSO6 -> Tap.TSO6;
            case USO -> Tap.USO;
        };
    }

    @Override
    public IoStatus send(List<MemorySegment> frame) {
        if (frame.size() > Tap.MOST_SEGMENTS) {
            return IoStatus.UNSUPPORTED;
        }
        sending.lock();
        try {
            if (closed.get()) {
                return IoStatus.IO_ERROR;
            }
            tap.write(frame);
            return IoStatus.OK;
        } catch (ErrnoException e) {
            return e.errno() == Errno.EBADFD ? IoStatus.IO_ERROR : IoStatus.OK;
        } finally {
            sending.unlock();
        }
    }

    @Override
    public int receive(List<MemorySegment> into) {
        receiving.lock();
        try {
            int length = Tap.NOTHING;
            while (!closed.get() && length == Tap.NOTHING) {
                length = tap.read(into);
                if (length == Tap.NOTHING) {
                    await();
                }
            }
            return closed.get() ? -1 : length;
        } catch (ErrnoException e) {
            lost(e);
            return -1;
        } finally {
            receiving.unlock();
        }
    }

    private void await() throws ErrnoException {
        try (Poll poll = new Poll(2)) {
            poll.watch(0, tap.descriptor());
            poll.watch(1, end.descriptor());
            poll.await(FOR_EVER);
        }
    }

    private void lost(ErrnoException e) {
        LOG.log(System.Logger.Level.WARNING, "the network behind {0} is gone: {1}", name, e.getMessage());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        end.give();
        receiving.lock();
        sending.lock();
        try {
            tap.close();
            end.close();
        } finally {
            sending.unlock();
            receiving.unlock();
        }
    }
}
