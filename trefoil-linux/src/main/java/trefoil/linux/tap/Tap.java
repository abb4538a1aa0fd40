package trefoil.linux.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.file.Open;

/**
 * The process's end of a tap interface (linux/if_tun.h): Ethernet frames without check sequence, each behind a {@code virtio_net_hdr}. Never blocks. One thread reads and one writes at a time; the rest is thread-safe.
 * Nobody may close it while another thread is inside a call.
 */
public final class Tap implements AutoCloseable {
    /** {@code TUN_F_CSUM}: whoever reads takes frames whose checksum is not filled in. */
    public static final int CHECKSUM = 0x01;
    /** {@code TUN_F_TSO4}: … and TCP over IPv4 that is not segmented; only with {@link #CHECKSUM}. */
    public static final int TSO4 = 0x02;
    /** {@code TUN_F_TSO6}: … and TCP over IPv6 that is not segmented; only with {@link #CHECKSUM}. */
    public static final int TSO6 = 0x04;
    /** {@code TUN_F_USO4 | TUN_F_USO6}: … and UDP that is not segmented; only with {@link #CHECKSUM}. Linux 6.2; {@code EINVAL} before. */
    public static final int USO = 0x60;
    /** Most segments of one frame: {@code UIO_MAXIOV}. */
    public static final int MOST_SEGMENTS = 1024;
    /** What {@link #read} returns when no frame waits. */
    public static final int NOTHING = -1;

    private static final String DEVICE = "/dev/net/tun";
    private static final int SYS_IOCTL = 16;
    private static final int SYS_READV = 19;
    private static final int SYS_WRITEV = 20;
    private static final int TUNSETIFF = 0x400454CA;
    private static final int TUNSETPERSIST = 0x400454CB;
    private static final int TUNSETOWNER = 0x400454CC;
    private static final int TUNSETOFFLOAD = 0x400454D0;
    private static final int TUNSETVNETHDRSZ = 0x400454D8;
    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_VNET_HDR = 0x4000;
    private static final int IFREQ = 40; // struct ifreq {char name[16]; union {short flags; …}}
    private static final int FLAGS = 16;
    private static final int LONGEST_NAME = 15;
    private static final int VECTOR = 16; // struct iovec {void *base; size_t len}

    private final FileDescriptor fd;
    private final MemorySegment reading = Arena.ofAuto().allocate((long) VECTOR * MOST_SEGMENTS, 8);
    private final MemorySegment writing = Arena.ofAuto().allocate((long) VECTOR * MOST_SEGMENTS, 8);

    private Tap(FileDescriptor fd) {
        this.fd = fd;
    }

    /**
     * Takes up the interface of that name in the calling thread's network namespace, and makes it where there is none: then it is down, has a random hardware address, and goes when this is closed.
     *
     * @param name 1–15 characters
     * @throws ErrnoException ENOENT without the kernel's module tun; EBUSY when another descriptor holds it; EINVAL when the name is taken by an interface of another kind; EPERM without CAP_NET_ADMIN, unless the caller
     *     is the interface's owner
     */
    public static Tap open(String name) throws ErrnoException {
        if (!name.matches("[!-.0-~]{1," + LONGEST_NAME + "}")) { // no slash, no blank
            throw new IllegalArgumentException("no name of an interface: " + name);
        }
        FileDescriptor fd = Open.open(DEVICE, Open.O_RDWR | Open.O_NONBLOCK, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ, 8);
            request.setString(0, name);
            request.set(ValueLayout.JAVA_SHORT, FLAGS, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
            ioctl("TUNSETIFF " + name, fd, TUNSETIFF, request.address());
            return new Tap(new FileDescriptor(fd.release(), "tap " + name));
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    /** An interface that another process has taken up; the descriptor is this object's from now on. */
    public static Tap of(FileDescriptor taken) {
        return new Tap(taken);
    }

    /** TUNSETPERSIST: the interface stays when this is closed, until somebody deletes it. */
    public void persist() throws ErrnoException {
        ioctl("TUNSETPERSIST", fd, TUNSETPERSIST, 1);
    }

    /** TUNSETOWNER: this user too may take the interface up, without CAP_NET_ADMIN. */
    public void owner(int user) throws ErrnoException {
        ioctl("TUNSETOWNER", fd, TUNSETOWNER, Integer.toUnsignedLong(user));
    }

    /**
     * TUNSETVNETHDRSZ: bytes of header before each frame. The kernel fills in 10; what follows it leaves as it is.
     *
     * @param bytes at least 10
     */
    public void headerLength(int bytes) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(4, 4);
            size.set(ValueLayout.JAVA_INT, 0, bytes);
            ioctl("TUNSETVNETHDRSZ", fd, TUNSETVNETHDRSZ, size.address());
        }
    }

    /** TUNSETOFFLOAD: what frames to be read may leave undone, a sum of {@link #CHECKSUM} …; it stays with the interface. EINVAL for what this kernel does not know. */
    public void offload(int undone) throws ErrnoException {
        ioctl("TUNSETOFFLOAD", fd, TUNSETOFFLOAD, undone);
    }

    private static void ioctl(String name, FileDescriptor fd, int request, long argument) throws ErrnoException {
        Syscall.call("ioctl(" + fd + ", " + name + ")", SYS_IOCTL, fd.number(), request, argument);
    }

    /**
     * readv(2): the next frame, header first; what does not fit is lost.
     *
     * @param into native memory
     * @return bytes put, or {@link #NOTHING}
     * @throws ErrnoException EBADFD when the interface was deleted
     */
    public int read(List<MemorySegment> into) throws ErrnoException {
        long n = transfer(SYS_READV, reading, into);
        if (n == -Errno.EAGAIN) {
            return NOTHING;
        }
        return checked("readv", n);
    }

    /**
     * writev(2): one frame, header first.
     *
     * @param frame native memory, at most {@link #MOST_SEGMENTS}
     * @return bytes taken: all
     * @throws ErrnoException EINVAL when the header does not describe the frame; EIO while the interface is down; EBADFD when it was deleted; EAGAIN, ENOBUFS or ENOMEM when the host has no room
     */
    public int write(List<MemorySegment> frame) throws ErrnoException {
        return checked("writev", transfer(SYS_WRITEV, writing, frame));
    }

    private long transfer(int call, MemorySegment vector, List<MemorySegment> segments) {
        if (segments.size() > MOST_SEGMENTS) {
            throw new IllegalArgumentException("a frame in " + segments.size() + " segments");
        }
        for (int i = 0; i < segments.size(); i++) {
            MemorySegment segment = segments.get(i);
            if (!segment.isNative()) {
                throw new IllegalArgumentException("a frame on the heap");
            }
            vector.set(ValueLayout.JAVA_LONG, (long) i * VECTOR, segment.address());
            vector.set(ValueLayout.JAVA_LONG, (long) i * VECTOR + 8, segment.byteSize());
        }
        try {
            long n;
            do {
                n = Syscall.raw(call, fd.number(), vector.address(), segments.size());
            } while (n == -Errno.EINTR);
            return n;
        } finally {
            Reference.reachabilityFence(segments);
        }
    }

    private int checked(String call, long n) throws ErrnoException {
        if (n < 0) {
            throw new ErrnoException(call + "(" + fd + ")", (int) -n);
        }
        return (int) n;
    }

    /** For poll(2): readable when a frame waits. */
    public FileDescriptor descriptor() {
        return fd;
    }

    /** Lets go: the interface loses its carrier, and goes unless it is persistent. Idempotent. */
    @Override
    public void close() {
        fd.close();
    }
}
