package trefoil.linux.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * A netlink socket, {@code netlink(7)}: sends batches and reads the answers. Thread-safe: one exchange at a time. Bound
 * to the network namespace of the thread that opened it.
 */
final class NetlinkSocket implements AutoCloseable {
    private static final int SYS_SOCKET = 41;
    private static final int SYS_SENDTO = 44;
    private static final int SYS_RECVFROM = 45;
    private static final int SYS_SETSOCKOPT = 54;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int MSG_TRUNC = 0x20;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int RECEIVE = 32 * 1024; // what one dump message may fill, see netlink_dump() of the kernel
    private static final int DUMP_ATTEMPTS = 20;
    private static final long ANSWER_SECONDS = 10; // the kernel answers at once; this ends a wait on a lost answer

    private final FileDescriptor descriptor;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment inbox = arena.allocate(RECEIVE, 8);
    private final ReentrantLock exchange = new ReentrantLock(); // a leaf: nothing else is locked while it is held
    private int sequence = 1;

    private NetlinkSocket(FileDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    static NetlinkSocket open(int protocol, String name) throws ErrnoException {
        long fd = Syscall.call("socket(AF_NETLINK, " + name + ")", SYS_SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
        NetlinkSocket socket = new NetlinkSocket(new FileDescriptor((int) fd, name + " socket"));
        try {
            socket.option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
            socket.option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
            socket.option(SOL_SOCKET, SO_RCVTIMEO, ANSWER_SECONDS, 0);
        } catch (ErrnoException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private void option(int level, int option, int value) throws ErrnoException {
        try (Arena once = Arena.ofConfined()) {
            setsockopt(level, option, once.allocateFrom(ValueLayout.JAVA_INT, value));
        }
    }

    private void option(int level, int option, long first, long second) throws ErrnoException {
        try (Arena once = Arena.ofConfined()) {
            setsockopt(level, option, once.allocateFrom(ValueLayout.JAVA_LONG, first, second));
        }
    }

    private void setsockopt(int level, int option, MemorySegment value) throws ErrnoException {
        Syscall.call("setsockopt(" + level + ", " + option + ")", SYS_SETSOCKOPT, descriptor.number(), level, option,
                value.address(), value.byteSize(), 0);
    }

    /**
     * Sends the batch and waits for the kernel's answer.
     *
     * @throws ErrnoException the first message that was refused, with the kernel's own words where it gave some
     */
    void run(NetlinkBatch batch) throws ErrnoException {
        exchange.lock();
        try {
            int base = sequence;
            sequence += batch.size();
            send(batch.bytes(base), batch.what(0));
            awaitAnswers(batch, base);
        } finally {
            exchange.unlock();
        }
    }

    private void awaitAnswers(NetlinkBatch batch, int base) throws ErrnoException {
        ErrnoException first = null;
        while (true) {
            ByteBuffer datagram = receive(batch.what(0));
            while (datagram.remaining() >= NetlinkBatch.HEADER) {
                Message message = Message.next(datagram);
                int index = message.sequence - base;
                if (message.type != NLMSG_ERROR || index < 0 || index >= batch.size()) {
                    continue; // an answer to an exchange that was given up
                }
                int errno = -message.payload.getInt(message.payload.position());
                if (errno != 0 && first == null) {
                    first = refusal(batch.what(index), errno, message);
                }
                boolean wholeBatchRefused = errno != 0 && index == 0;
                if (index == batch.acknowledged() || wholeBatchRefused && batch instanceof NftBatch) {
                    if (first != null) {
                        throw first;
                    }
                    return;
                }
            }
        }
    }

    /** As {@link #run}, for a request that is answered by messages of their own before its acknowledgement. */
    void query(NetlinkBatch request, BiConsumer<Integer, ByteBuffer> each) throws ErrnoException {
        exchange.lock();
        try {
            int base = sequence++;
            send(request.bytes(base), request.what(0));
            boolean more = true;
            while (more) {
                ByteBuffer datagram = receive(request.what(0));
                while (datagram.remaining() >= NetlinkBatch.HEADER) {
                    Message message = Message.next(datagram);
                    if (message.sequence != base) {
                        continue;
                    }
                    if (message.type == NLMSG_ERROR) {
                        acknowledged(request, message);
                        more = false;
                    } else {
                        each.accept(message.type, message.payload);
                    }
                }
            }
        } finally {
            exchange.unlock();
        }
    }

    private static void acknowledged(NetlinkBatch request, Message message) throws ErrnoException {
        int errno = -message.payload.getInt(message.payload.position());
        if (errno != 0) {
            throw refusal(request.what(0), errno, message);
        }
    }

    /**
     * Sends the one request of the batch with {@code NLM_F_DUMP} and gives every part of the answer to {@code each}: the
     * message's type and its bytes behind the netlink header. Starts over when the kernel says that what it told had
     * changed meanwhile, so {@code restart} runs before each attempt.
     */
    void dump(NetlinkBatch request, Runnable restart, BiConsumer<Integer, ByteBuffer> each) throws ErrnoException {
        exchange.lock();
        try {
            for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
                restart.run();
                int base = sequence++;
                send(request.bytes(base), request.what(0));
                if (readDump(request, base, each)) {
                    return;
                }
            }
            throw new ErrnoException(request.what(0) + " (changed under every one of " + DUMP_ATTEMPTS + " readings)",
                    Errno.EAGAIN);
        } finally {
            exchange.unlock();
        }
    }

    private boolean readDump(NetlinkBatch request, int base, BiConsumer<Integer, ByteBuffer> each)
            throws ErrnoException {
        boolean consistent = true;
        while (true) {
            ByteBuffer datagram = receive(request.what(0));
            while (datagram.remaining() >= NetlinkBatch.HEADER) {
                Message message = Message.next(datagram);
                if (message.sequence != base) {
                    continue;
                }
                consistent &= (message.flags & NLM_F_DUMP_INTR) == 0;
                switch (message.type) {
                    case NLMSG_DONE -> {
                        return consistent;
                    }
                    case NLMSG_ERROR -> acknowledged(request, message);
                    default -> each.accept(message.type, message.payload);
                }
            }
        }
    }

    private record Message(int type, int flags, int sequence, ByteBuffer payload) {
        static Message next(ByteBuffer datagram) {
            int start = datagram.position();
            int length = datagram.getInt(start);
            if (length < NetlinkBatch.HEADER || length > datagram.remaining()) {
                throw new IllegalStateException("the kernel sent a netlink message of impossible length " + length);
            }
            ByteBuffer payload = datagram.slice(start + NetlinkBatch.HEADER, length - NetlinkBatch.HEADER)
                    .order(ByteOrder.nativeOrder());
            datagram.position(Math.min(datagram.limit(), start + NetlinkBatch.align(length)));
            return new Message(Short.toUnsignedInt(datagram.getShort(start + 4)),
                    Short.toUnsignedInt(datagram.getShort(start + 6)), datagram.getInt(start + 8), payload);
        }
    }

    /** {@code struct nlmsgerr}: error, the request's header, and (NETLINK_CAP_ACK, NETLINK_EXT_ACK) the kernel's words. */
    private static ErrnoException refusal(String what, int errno, Message message) {
        String words = null;
        ByteBuffer payload = message.payload;
        if ((message.flags & NLM_F_ACK_TLVS) != 0 && payload.remaining() > 4 + NetlinkBatch.HEADER) {
            payload.position(payload.position() + 4 + NetlinkBatch.HEADER);
            words = new Attributes(payload).string(NLMSGERR_ATTR_MSG);
        }
        return new ErrnoException(words == null ? what : what + " [" + words + "]", errno);
    }

    private void send(byte[] bytes, String what) throws ErrnoException {
        try (Arena once = Arena.ofConfined()) {
            MemorySegment out = once.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            Syscall.call("sendto: " + what, SYS_SENDTO, descriptor.number(), out.address(), bytes.length, 0, 0, 0);
        }
    }

    private ByteBuffer receive(String what) throws ErrnoException {
        long length = Syscall.call("recvfrom: " + what, SYS_RECVFROM, descriptor.number(), inbox.address(), RECEIVE,
                MSG_TRUNC, 0, 0);
        if (length > RECEIVE) {
            throw new ErrnoException("recvfrom: " + what + " (an answer of " + length + " bytes)", Errno.EMSGSIZE);
        }
        return inbox.asSlice(0, length).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
