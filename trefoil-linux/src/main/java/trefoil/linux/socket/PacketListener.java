package trefoil.linux.socket;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** A SOCK_SEQPACKET Unix socket that others connect to. One thread accepts. */
public final class PacketListener implements AutoCloseable {
    private static final int SYS_BIND = 49;
    private static final int SYS_LISTEN = 50;
    private static final int SYS_SHUTDOWN = 48;
    private static final int SYS_ACCEPT4 = 288;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SHUT_RDWR = 2;
    private static final int BACKLOG = 64;

    private final FileDescriptor fd;

    private PacketListener(FileDescriptor fd) {
        this.fd = fd;
    }

    /** socket(2), bind(2) and listen(2): makes the socket file, which must not be there. */
    public static PacketListener bind(String path) throws ErrnoException {
        FileDescriptor fd = PacketSocket.socket("socket " + path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = PacketSocket.address(path, arena);
            Syscall.call("bind(" + path + ")", SYS_BIND, fd.number(), address.address(), address.byteSize());
            Syscall.call("listen(" + path + ")", SYS_LISTEN, fd.number(), BACKLOG, 0);
            return new PacketListener(fd);
        } catch (ErrnoException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * accept4(2): waits for the next who connects.
     *
     * @throws ErrnoException EINVAL after {@link #shutdown}
     */
    public PacketSocket accept() throws ErrnoException {
        return new PacketSocket(new FileDescriptor((int) Syscall.call("accept", SYS_ACCEPT4, fd.number(), 0, 0, SOCK_CLOEXEC, 0, 0), "accepted socket"));
    }

    /** shutdown(2): who waits in {@link #accept} is woken. */
    public void shutdown() throws ErrnoException {
        Syscall.call("shutdown", SYS_SHUTDOWN, fd.number(), SHUT_RDWR, 0);
    }

    @Override
    public void close() {
        fd.close();
    }
}
