package trefoil.vmm.control;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.List;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.socket.PacketListener;
import trefoil.linux.socket.PacketSocket;
import trefoil.vmm.agent.GuestCommand;

/** Answers at a machine's control socket, each connection on a thread of its own. Who may reach the socket's file may control the machine. */
public final class ControlServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    private static final int BUFFER = 32 << 10;
    /** Output that pauses for so long after a command's end is a descendant's. */
    private static final int BEGIN_SECONDS = 30;
    private static final long LINGER_MILLIS = 250;

    private final PacketListener listener;
    private final Controlled machine;
    private volatile boolean closed;

    /** @param path of the socket's file, which must not be there */
    public ControlServer(String path, Controlled machine) throws ErrnoException {
        this.machine = machine;
        this.listener = PacketListener.bind(path);
        Thread.ofPlatform().name("trefoil-control").daemon().start(this::accept);
    }

    private void accept() {
        while (!closed) {
            try {
                PacketSocket client = listener.accept();
                Thread.ofPlatform().name("trefoil-control-client").daemon().start(() -> serve(client));
            } catch (ErrnoException e) {
                if (!closed) {
                    LOG.log(System.Logger.Level.ERROR, "the control socket takes nobody any more", e);
                }
                return;
            }
        }
    }

    private void serve(PacketSocket client) {
        try (client) {
            PacketSocket.Message first = client.receiveMessage(Packet.MOST);
            if (first.bytes().length > 0) {
                answer(client, Packet.of(first.bytes()), first.descriptors());
            }
        } catch (ErrnoException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client of the control socket went away", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(PacketSocket client, Packet request, List<FileDescriptor> descriptors) throws ErrnoException, InterruptedException {
        switch (request.kind()) {
            case Packet.BOOT -> boot(client, descriptors);
            case Packet.POWER_BUTTON -> {
                machine.pressPowerButton();
                send(client, Packet.DONE, "");
            }
            case Packet.STATUS -> send(client, Packet.DONE, machine.status().text());
            case Packet.EXECUTE -> execute(client, request.text());
            default -> send(client, Packet.REFUSED, "'" + request.kind() + "' is no request");
        }
    }

    private void boot(PacketSocket client, List<FileDescriptor> taps) throws ErrnoException {
        if (machine.boot(taps)) {
            send(client, Packet.DONE, "");
        } else {
            taps.forEach(FileDescriptor::close);
            send(client, Packet.REFUSED, "it was begun already");
        }
    }

    private static void send(PacketSocket client, char kind, String text) throws ErrnoException {
        client.send(new Packet(kind, text).message(), List.of());
    }

    private void execute(PacketSocket client, String line) throws ErrnoException, InterruptedException {
        try (GuestCommand command = machine.execute(line)) {
            if (command == null) {
                send(client, Packet.REFUSED, "its agent does not answer: it is booting still, or hangs; \"trefoil logs\" tells what its console shows");
                return;
            }
            if (!command.begins(BEGIN_SECONDS)) {
                send(client, Packet.REFUSED, "it has not begun the command within " + BEGIN_SECONDS + " s: it hangs, or has far too much to do; \"trefoil logs\" tells what its console shows");
                return;
            }
            send(client, Packet.DONE, "");
            AtomicBoolean over = new AtomicBoolean();
            Thread out = Thread.ofPlatform().daemon().start(() -> carry(client, command, over, Packet.OUTPUT));
            Thread error = Thread.ofPlatform().daemon().start(() -> carry(client, command, over, Packet.ERROR));
            Thread in = Thread.ofPlatform().daemon().start(() -> feed(client, command));
            int status = command.await();
            linger(command, out, error);
            over.set(true);
            send(client, Packet.EXIT, Integer.toString(status));
            client.shutdown();
            in.join();
        }
    }

    /** A command's output usually ends with it, and is to be sent before its end is. */
    private static void linger(GuestCommand command, Thread out, Thread error) throws InterruptedException {
        long moved;
        do {
            moved = command.received();
            out.join(LINGER_MILLIS);
            error.join(LINGER_MILLIS);
        } while ((out.isAlive() || error.isAlive()) && command.received() != moved);
        command.endOutput();
        out.join();
        error.join();
    }

    private static void carry(PacketSocket client, GuestCommand command, AtomicBoolean over, char kind) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int n = read(command, buffer, kind); n >= 0 && !over.get(); n = read(command, buffer, kind)) {
                client.send(Packet.message(kind, buffer, n), List.of());
            }
        } catch (ErrnoException e) {
            command.close(); // nobody takes its output
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int read(GuestCommand command, byte[] into, char kind) throws InterruptedException {
        return kind == Packet.OUTPUT ? command.read(into) : command.readError(into);
    }

    /** Until the client goes away, which ends the command. */
    private static void feed(PacketSocket client, GuestCommand command) {
        try {
            for (byte[] message = client.receive(Packet.MOST); message.length > 0; message = client.receive(Packet.MOST)) {
                Packet packet = Packet.of(message);
                switch (packet.kind()) {
                    case Packet.INPUT -> command.write(packet.body(), 0, packet.body().length);
                    case Packet.INPUT_END -> command.endInput();
                    case Packet.SIGNAL -> command.signal(Integer.parseInt(packet.text()));
                    default -> LOG.log(System.Logger.Level.DEBUG, "a client sent ''{0}'' to a command", packet.kind());
                }
            }
        } catch (ErrnoException | NumberFormatException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client went away", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        command.close();
    }

    @Override
    public void close() {
        closed = true;
        try {
            listener.shutdown();
        } catch (ErrnoException e) {
            LOG.log(System.Logger.Level.DEBUG, "the control socket was closed already", e);
        }
        listener.close();
    }
}
