package trefoil.vmm.control;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import trefoil.linux.ErrnoException;
import trefoil.linux.socket.PacketSocket;

/** A command in a guest, at the other end of the control socket. One thread reads; any writes. */
public final class RemoteCommand implements AutoCloseable {
    private static final int PIECE = 32 << 10;

    /** What comes from it. */
    public sealed interface News {
        /** Standard output. */
        record Output(byte[] data) implements News {}

        /** Standard error. */
        record Error(byte[] data) implements News {}

        /** Its exit status as a shell tells it; −1 when the machine went. Nothing follows. */
        record End(int status) implements News {}
    }

    private final PacketSocket socket;
    private final AtomicBoolean closed = new AtomicBoolean();

    RemoteCommand(PacketSocket socket) {
        this.socket = socket;
    }

    /** Waits for the next. */
    public News next() throws IOException {
        byte[] message = socket.receive(Packet.MOST);
        if (message.length == 0) {
            return new News.End(-1);
        }
        Packet packet = Packet.of(message);
        return switch (packet.kind()) {
            case Packet.OUTPUT -> new News.Output(packet.body());
            case Packet.ERROR -> new News.Error(packet.body());
            case Packet.EXIT -> new News.End(Integer.parseInt(packet.text()));
            default -> throw new IOException("the machine sent '" + packet.kind() + "' of a command");
        };
    }

    /** Writes to its standard input. Blocks while it does not read. */
    public void write(byte[] data, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += PIECE) {
            int piece = Math.min(PIECE, length - done);
            byte[] part = new byte[piece];
            System.arraycopy(data, offset + done, part, 0, piece);
            socket.send(Packet.message(Packet.INPUT, part, piece), List.of());
        }
    }

    /** Ends its standard input. */
    public void endInput() throws IOException {
        socket.send(new Packet(Packet.INPUT_END, "").message(), List.of());
    }

    /** Sends its process group a signal. */
    public void signal(int number) throws IOException {
        socket.send(new Packet(Packet.SIGNAL, Integer.toString(number)).message(), List.of());
    }

    /** Wakes who waits in {@link #next}, and lets the command be killed where it still runs. Does not wait. */
    public void hangUp() {
        try {
            socket.shutdown();
        } catch (ErrnoException | IllegalStateException e) {
            System.getLogger(RemoteCommand.class.getName()).log(System.Logger.Level.DEBUG, "it was over", e);
        }
    }

    /** To be called when nobody waits in {@link #next}. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            socket.close();
        }
    }
}
