package trefoil.vmm.control;

import java.io.IOException;
import java.util.List;
import trefoil.linux.FileDescriptor;
import trefoil.linux.socket.PacketSocket;

/** A machine's control socket, from outside. Each request is a connection of its own, so there is nothing to keep or to lose. Thread-safe. */
public final class ControlClient {
    private static final long PATIENCE_MILLIS = 10_000;

    private final String path;

    /** @param path of the socket's file */
    public ControlClient(String path) {
        this.path = path;
    }

    /** {@link Controlled#boot}; false when it was begun already. */
    public boolean boot(List<FileDescriptor> taps) throws IOException {
        return ask(new Packet(Packet.BOOT, ""), taps).kind() == Packet.DONE;
    }

    /** {@link Controlled#pressPowerButton}. */
    public void pressPowerButton() throws IOException {
        ask(new Packet(Packet.POWER_BUTTON, ""), List.of());
    }

    /** {@link Controlled#status}. */
    public MachineStatus status() throws IOException {
        return MachineStatus.of(ask(new Packet(Packet.STATUS, ""), List.of()).text());
    }

    private Packet ask(Packet request, List<FileDescriptor> descriptors) throws IOException {
        try (PacketSocket socket = PacketSocket.connect(path)) {
            socket.timeout(PATIENCE_MILLIS);
            socket.send(request.message(), descriptors);
            return packet(socket);
        }
    }

    /**
     * Runs a command line in the guest.
     *
     * @throws IOException when the guest's agent does not answer
     */
    public RemoteCommand execute(String line) throws IOException {
        PacketSocket socket = PacketSocket.connect(path);
        try {
            byte[] request = new Packet(Packet.EXECUTE, line).message();
            if (request.length > Packet.MOST) {
                throw new IOException("the command is longer than " + Packet.MOST + " bytes");
            }
            socket.send(request, List.of());
            Packet answer = packet(socket);
            if (answer.kind() != Packet.DONE) {
                throw new IOException(answer.text());
            }
            return new RemoteCommand(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static Packet packet(PacketSocket socket) throws IOException {
        byte[] message = socket.receive(Packet.MOST);
        if (message.length == 0) {
            throw new IOException("the machine has ended");
        }
        return Packet.of(message);
    }
}
