package trefoil.linux.socket;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/** A connected SOCK_SEQPACKET Unix socket: by {@link #connect}, {@link #pair}, or of a {@link PacketListener}. Sends are atomic; one thread at a time should receive. */
public final class PacketSocket implements AutoCloseable {
    /** Most descriptors in one message: SCM_MAX_FD. */
    public static final int MOST_DESCRIPTORS = 253;

    private static final int SYS_SOCKET = 41;
    private static final int SYS_CONNECT = 42;
    private static final int SYS_RECVFROM = 45;
    private static final int SYS_SENDMSG = 46;
    private static final int SYS_RECVMSG = 47;
    private static final int SYS_SHUTDOWN = 48;
    private static final int SYS_SOCKETPAIR = 53;
    private static final int SYS_SETSOCKOPT = 54;
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SHUT_RDWR = 2;
    static final int MOST_PATH = 107; // sun_path is 108 bytes, unix(7)
    private static final int CMSG_HEADER = 16;

    private final FileDescriptor fd;

    /** A message, and the descriptors that came with it, which are the receiver's to close. */
    public record Message(byte[] bytes, List<FileDescriptor> descriptors) {}

    PacketSocket(FileDescriptor fd) {
        this.fd = fd;
    }

    /** Two sockets connected to each other: this end, and a bare descriptor to give away. */
    public record Pair(PacketSocket here, FileDescriptor there) implements AutoCloseable {
        /** Closes the other end here, once somebody else has it: this end then sees when they close it. */
        public void given() {
            there.close();
        }

        @Override
        public void close() {
            there.close();
            here.close();
        }
    }

    /** socketpair(2). */
    public static Pair pair() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(8, 4);
            Syscall.call("socketpair", SYS_SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both.address(), 0, 0);
            return new Pair(
                    new PacketSocket(new FileDescriptor(both.get(ValueLayout.JAVA_INT, 0), "socket pair")),
                    new FileDescriptor(both.get(ValueLayout.JAVA_INT, 4), "socket pair's other end"));
        }
    }

    /** connect(2) to a socket file. */
    public static PacketSocket connect(String path) throws ErrnoException {
        FileDescriptor fd = socket("socket to " + path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            Syscall.call("connect(" + path + ")", SYS_CONNECT, fd.number(), address.address(), address.byteSize());
            return new PacketSocket(fd);
        } catch (ErrnoException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** struct sockaddr_un, unix(7). */
    static MemorySegment address(String path, Arena arena) {
        MemorySegment name = arena.allocateFrom(path);
        if (name.byteSize() - 1 > MOST_PATH) {
            throw new IllegalArgumentException("longer than a socket's path may be: " + path);
        }
        MemorySegment address = arena.allocate(2 + name.byteSize(), 2);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        address.asSlice(2).copyFrom(name);
        return address;
    }

    /** A bare socket of this kind. */
    static FileDescriptor socket(String purpose) throws ErrnoException {
        long number = Syscall.call("socket(AF_UNIX, SOCK_SEQPACKET)", SYS_SOCKET, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        return new FileDescriptor((int) number, purpose);
    }

    /** SO_RCVTIMEO: {@link #receive} fails with EAGAIN after this time. */
    public void timeout(long milliseconds) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, milliseconds / 1000);
            time.set(ValueLayout.JAVA_LONG, 8, milliseconds % 1000 * 1000);
            Syscall.call(
                    "setsockopt(SO_RCVTIMEO)", SYS_SETSOCKOPT, fd.number(), SOL_SOCKET, SO_RCVTIMEO, time.address(), 16, 0);
        }
    }

    /** sendmsg(2) with SCM_RIGHTS: the receiver gets duplicates of the descriptors, in order. */
    public void send(byte[] message, List<FileDescriptor> descriptors) throws ErrnoException {
        if (descriptors.size() > MOST_DESCRIPTORS) {
            throw new IllegalArgumentException(descriptors.size() + " descriptors in one message");
        }
        try (Arena arena = Arena.ofConfined()) {
            // struct msghdr {void *name; u32 namelen; struct iovec *iov; size_t iovlen; void *control; size_t controllen; int flags}
            MemorySegment header = arena.allocate(56, 8);
            MemorySegment vector = arena.allocate(16, 8);
            MemorySegment body = arena.allocate(Math.max(1, message.length));
            MemorySegment.copy(message, 0, body, ValueLayout.JAVA_BYTE, 0, message.length);
            vector.set(ValueLayout.JAVA_LONG, 0, body.address());
            vector.set(ValueLayout.JAVA_LONG, 8, message.length);
            header.set(ValueLayout.JAVA_LONG, 16, vector.address());
            header.set(ValueLayout.JAVA_LONG, 24, 1);
            if (!descriptors.isEmpty()) {
                MemorySegment control = control(arena, descriptors);
                header.set(ValueLayout.JAVA_LONG, 32, control.address());
                header.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
            }
            Syscall.call("sendmsg", SYS_SENDMSG, fd.number(), header.address(), MSG_NOSIGNAL);
        }
    }

    private static MemorySegment control(Arena arena, List<FileDescriptor> descriptors) {
        int length = CMSG_HEADER + 4 * descriptors.size();
        MemorySegment control = arena.allocate(length + 7 & ~7, 8);
        control.set(ValueLayout.JAVA_LONG, 0, length);
        control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
            control.set(ValueLayout.JAVA_INT, CMSG_HEADER + 4L * i, descriptors.get(i).number());
        }
        return control;
    }

    /**
     * recv(2): the next message, cut at {@code most} bytes; descriptors in it are dropped by the kernel. Empty when the
     * other end is closed.
     */
    public byte[] receive(int most) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(most, 8);
            long n = Syscall.call("recv", SYS_RECVFROM, fd.number(), buffer.address(), most);
            return buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** recvmsg(2): the next message with its descriptors, cut at {@code most} bytes. Without bytes when the other end is closed. */
    public Message receiveMessage(int most) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(56, 8);
            MemorySegment vector = arena.allocate(16, 8);
            MemorySegment body = arena.allocate(most, 8);
            MemorySegment control = arena.allocate(CMSG_HEADER + 4L * MOST_DESCRIPTORS + 4, 8);
            vector.set(ValueLayout.JAVA_LONG, 0, body.address());
            vector.set(ValueLayout.JAVA_LONG, 8, most);
            header.set(ValueLayout.JAVA_LONG, 16, vector.address());
            header.set(ValueLayout.JAVA_LONG, 24, 1);
            header.set(ValueLayout.JAVA_LONG, 32, control.address());
            header.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
            long n = Syscall.call("recvmsg", SYS_RECVMSG, fd.number(), header.address(), MSG_CMSG_CLOEXEC);
            return new Message(body.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), descriptors(control.asSlice(0, header.get(ValueLayout.JAVA_LONG, 40))));
        }
    }

    /** The descriptors of the one control message that SCM_RIGHTS makes, cmsg(3). */
    private static List<FileDescriptor> descriptors(MemorySegment control) {
        List<FileDescriptor> received = new ArrayList<>();
        if (control.byteSize() >= CMSG_HEADER && control.get(ValueLayout.JAVA_INT, 8) == SOL_SOCKET && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS) {
            for (long at = CMSG_HEADER; at < control.get(ValueLayout.JAVA_LONG, 0); at += 4) {
                received.add(new FileDescriptor(control.get(ValueLayout.JAVA_INT, at), "received descriptor"));
            }
        }
        return received;
    }

    /** shutdown(2) in both directions: whoever waits in {@link #receive}, here or at the other end, sees the end. */
    public void shutdown() throws ErrnoException {
        Syscall.call("shutdown", SYS_SHUTDOWN, fd.number(), SHUT_RDWR, 0);
    }

    /** The socket itself, for epoll. */
    public FileDescriptor descriptor() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
