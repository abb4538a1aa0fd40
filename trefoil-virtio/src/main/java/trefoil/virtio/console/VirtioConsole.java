package trefoil.virtio.console;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import trefoil.virtio.device.QueueDevice;
import trefoil.virtio.queue.Chain;
import trefoil.virtio.queue.QueueFault;

/**
 * A console (virtio 1.2, 5.3). With a single port that is a console without a name, VIRTIO_CONSOLE_F_MULTIPORT is not offered; a driver that does not accept it has port 0 alone.
 *
 * <p>Ports are there from the beginning and stay. Control messages of the driver that make no sense are passed over (5.3.6.2.1 leaves them open).
 */
public final class VirtioConsole extends QueueDevice {
    /** {@code guestOpen}, {@code hostOpen} and {@code sent} (how much of a port's current buffer the backend has taken) by port; {@code messages} wait for the driver's buffers; {@code size}: columns and rows. */
    public record State(boolean[] guestOpen, boolean[] hostOpen, long[] sent, List<byte[]> messages, int columns, int rows) {}

    public static final long F_SIZE = 1L;
    public static final long F_MULTIPORT = 1L << 1;

    static final int DEVICE_READY = 0;
    static final int DEVICE_ADD = 1;
    static final int PORT_READY = 3;
    static final int CONSOLE_PORT = 4;
    static final int RESIZE = 5;
    static final int PORT_OPEN = 6;
    static final int PORT_NAME = 7;

    private static final int QUEUE_SIZE = 128;
    /** A driver fills the receive queue of each of many ports with buffers, mostly of a page. */
    private static final int QUEUE_SIZE_OF_MANY = 32;
    private static final int CONTROL_RECEIVE = 2;
    private static final int CONTROL_TRANSMIT = 3;
    private static final int MESSAGE = 8;
    private static final int PIECE = 4096;
    /** A driver that asks without taking answers is not served beyond this. */
    private static final int MOST_MESSAGES = 1024;

    private final List<Port> ports;
    private final boolean multiport;
    private final boolean[] guestOpen;
    private final boolean[] hostOpen;
    /** The guest has closed its end, and what it sent before may still be in the queue. Of the device's thread. */
    private final boolean[] closing;
    private final long[] sent;
    private final Deque<byte[]> messages = new ArrayDeque<>();
    private volatile int columns = 80;
    private volatile int rows = 25;

    /** Ports, 1 to 31, whose backends it listens to from now on. */
    public VirtioConsole(List<Port> ports) {
        if (ports.isEmpty() || ports.size() > 31) {
            throw new IllegalArgumentException(ports.size() + " ports");
        }
        this.ports = List.copyOf(ports);
        this.multiport = ports.size() > 1 || !ports.getFirst().name().isEmpty() || ports.getFirst().use() != Port.Use.CONSOLE;
        this.guestOpen = new boolean[ports.size()];
        this.hostOpen = new boolean[ports.size()];
        this.closing = new boolean[ports.size()];
        this.sent = new long[ports.size()];
        java.util.Arrays.fill(hostOpen, true);
        ports.forEach(port -> port.backend().listen(this::wake));
    }

    @Override
    public int id() {
        return 3;
    }

    @Override
    public long features() {
        return F_SIZE | (multiport ? F_MULTIPORT : 0);
    }

    @Override
    public List<Integer> queueSizes() {
        int queues = multiport ? 2 * ports.size() + 2 : 2;
        return IntStream.range(0, queues).mapToObj(i -> multiport ? QUEUE_SIZE_OF_MANY : QUEUE_SIZE).toList();
    }

    /** 5.3.4. */
    @Override
    public byte[] configuration() {
        ByteBuffer fields = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        return fields.putShort(0, (short) columns).putShort(2, (short) rows).putInt(4, ports.size()).array();
    }

    // ---- the host's side ----

    /** Another size of port 0's terminal. */
    public void resize(int newColumns, int newRows) {
        columns = newColumns;
        rows = newRows;
        if (!inTurn(this::tellSize)) {
            configurationChanged();
        }
    }

    /** Queues a message where ports are many; false where the configuration is what tells. */
    private boolean tellSize() {
        if (!has(F_MULTIPORT)) {
            return false;
        }
        ByteBuffer size = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putShort((short) rows).putShort((short) columns);
        post(0, RESIZE, 0, size.array());
        wake();
        return true;
    }

    /** Says whether somebody is at the host's end of a port; at first all are open. */
    public void open(int port, boolean open) {
        hostOpen[port] = open;
        inTurn(() -> {
            if (has(F_MULTIPORT)) {
                post(port, PORT_OPEN, open ? 1 : 0, new byte[0]);
                wake();
            }
            return true;
        });
    }

    // ---- queues ----

    @Override
    protected boolean serve(int index) throws QueueFault {
        boolean many = has(F_MULTIPORT);
        if (index > 1 && !many) {
            return false;
        }
        return switch (index) {
            case CONTROL_RECEIVE -> sendMessage();
            case CONTROL_TRANSMIT -> takeMessage();
            default -> {
                int port = index < 2 ? 0 : index / 2 - 1;
                yield (index & 1) == 0 ? toGuest(index, port, many) : fromGuest(index, port);
            }
        };
    }

    private boolean toGuest(int index, int port, boolean many) throws QueueFault {
        if (many && !guestOpen[port]) {
            return false;
        }
        Chain chain = queue(index).poll();
        if (chain == null) {
            return false;
        }
        if (chain.writableLength() == 0) {
            throw new QueueFault("a buffer without room");
        }
        byte[] bytes = new byte[(int) Math.min(PIECE, chain.writableLength())];
        int length = ports.get(port).backend().read(bytes, 0, bytes.length);
        if (length == 0) {
            queue(index).unpoll(1);
            return false;
        }
        push(index, chain, chain.write(0, java.util.Arrays.copyOf(bytes, length)));
        return true;
    }

    private boolean fromGuest(int index, int port) throws QueueFault {
        Chain chain = queue(index).poll();
        if (chain == null) {
            closed(port);
            return false;
        }
        byte[] bytes = new byte[Math.clamp(chain.readableLength() - sent[port], 0, PIECE)];
        chain.read(sent[port], bytes);
        int taken = bytes.length == 0 ? 0 : ports.get(port).backend().write(bytes, 0, bytes.length);
        sent[port] += taken;
        if (sent[port] < chain.readableLength()) {
            queue(index).unpoll(1);
            return taken > 0;
        }
        sent[port] = 0;
        push(index, chain, 0);
        return true;
    }

    /** The port's queue is empty: what the guest sent before it closed its end has arrived. */
    private void closed(int port) {
        if (closing[port]) {
            closing[port] = false;
            ports.get(port).listener().guest(false);
        }
    }

    // ---- control messages (5.3.6.2) ----

    private boolean sendMessage() throws QueueFault {
        if (messages.isEmpty()) {
            return false;
        }
        Chain chain = queue(CONTROL_RECEIVE).poll();
        if (chain == null) {
            return false;
        }
        push(CONTROL_RECEIVE, chain, chain.write(0, messages.removeFirst()));
        return !messages.isEmpty();
    }

    private boolean takeMessage() throws QueueFault {
        Chain chain = queue(CONTROL_TRANSMIT).poll();
        if (chain == null) {
            return false;
        }
        byte[] bytes = new byte[MESSAGE];
        if (chain.read(0, bytes) == MESSAGE) {
            ByteBuffer message = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            heard(message.getInt(0), message.getShort(4), message.getShort(6));
        }
        push(CONTROL_TRANSMIT, chain, 0);
        return true;
    }

    private void heard(int port, int event, int value) {
        if (event == DEVICE_READY && value == 1) {
            for (int added = 0; added < ports.size(); added++) {
                post(added, DEVICE_ADD, 0, new byte[0]);
            }
        } else if (port >= 0 && port < ports.size() && event == PORT_READY && value == 1) {
            introduce(port);
        } else if (port >= 0 && port < ports.size() && event == PORT_OPEN) {
            opened(port, value != 0);
        }
    }

    private void opened(int port, boolean open) {
        guestOpen[port] = open;
        closing[port] = !open;
        if (open) {
            ports.get(port).listener().guest(true);
        } else {
            wake();
        }
    }

    private void introduce(int number) {
        Port port = ports.get(number);
        if (port.use() == Port.Use.CONSOLE) {
            post(number, CONSOLE_PORT, 1, new byte[0]);
        }
        if (!port.name().isEmpty()) {
            post(number, PORT_NAME, 1, port.name().getBytes(StandardCharsets.UTF_8));
        }
        if (hostOpen[number]) {
            post(number, PORT_OPEN, 1, new byte[0]);
        }
    }

    private void post(int port, int event, int value, byte[] more) {
        if (messages.size() < MOST_MESSAGES) {
            ByteBuffer message = ByteBuffer.allocate(MESSAGE + more.length).order(ByteOrder.LITTLE_ENDIAN);
            messages.add(message.putInt(port).putShort((short) event).putShort((short) value).put(more).array());
        }
    }

    // ---- life ----

    @Override
    protected void stopped() {
        java.util.Arrays.fill(guestOpen, false);
        java.util.Arrays.fill(closing, false);
        java.util.Arrays.fill(sent, 0);
        messages.clear();
    }

    /** Called while the device is paused. */
    public State state() {
        return new State(guestOpen.clone(), hostOpen.clone(), sent.clone(), List.copyOf(messages), columns, rows);
    }

    /** Called while the device is paused, before the transport's state is restored. */
    public void restore(State state) {
        System.arraycopy(state.guestOpen, 0, guestOpen, 0, guestOpen.length);
        System.arraycopy(state.hostOpen, 0, hostOpen, 0, hostOpen.length);
        System.arraycopy(state.sent, 0, sent, 0, sent.length);
        messages.clear();
        messages.addAll(state.messages);
        columns = state.columns;
        rows = state.rows;
    }

    @Override
    public void close() {
        super.close();
        ports.forEach(port -> port.backend().close());
    }
}
