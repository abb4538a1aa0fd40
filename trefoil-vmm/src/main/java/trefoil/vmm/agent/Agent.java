package trefoil.vmm.agent;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import trefoil.virtio.console.Port;
import trefoil.virtio.console.VirtioConsole;

/** The host's end of the guest's agent, for one life of a machine. Thread-safe. The package tells the protocol. */
public final class Agent implements AutoCloseable {
    /** How many commands run at a time. */
    public static final int SLOTS = 6;

    private static final int LONGEST_LINE = 4096;
    private static final long SLOT_SECONDS = 10;

    /** The three ports of one command. */
    record Slot(int number, Lane in, Lane out, Lane error) {
        void renew() {
            in.renew();
            out.renew();
            error.renew();
        }
    }

    private final Lane control = new Lane();
    private final List<Slot> slots = new ArrayList<>();
    private final VirtioConsole device;

    /** Guards what follows. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();
    private final Deque<Slot> free = new ArrayDeque<>();
    private final Map<Integer, GuestCommand> running = new HashMap<>();
    private String init;
    private boolean gone;

    public Agent() {
        List<Port> ports = new ArrayList<>();
        ports.add(new Port("org.trefoil.agent", control, Port.Use.STREAM));
        for (int n = 0; n < SLOTS; n++) {
            Slot slot = new Slot(n, new Lane(), new Lane(), new Lane());
            slots.add(slot);
            ports.add(port("in", n, slot.in()));
            ports.add(port("out", n, slot.out()));
            ports.add(port("err", n, slot.error()));
        }
        free.addAll(slots);
        device = new VirtioConsole(ports);
        Thread.ofPlatform().name("trefoil-agent").daemon().start(this::listen);
    }

    private static Port port(String way, int number, Lane lane) {
        return new Port("org.trefoil." + way + "." + number, lane, Port.Use.STREAM, lane::guest);
    }

    private static int inputPort(Slot slot) {
        return 1 + 3 * slot.number();
    }

    /** The device that the machine is to have. */
    public VirtioConsole device() {
        return device;
    }

    /** The program that is the guest's process 1, once the agent has said so; {@code null} before. */
    public String init() {
        lock.lock();
        try {
            return init;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs a command line of the guest's shell.
     *
     * @return {@code null} when the agent is not there, or no way is free within 10 s
     */
    public GuestCommand run(String line) throws InterruptedException {
        Slot slot = slot();
        if (slot == null) {
            return null;
        }
        slot.renew();
        GuestCommand command = new GuestCommand(this, slot);
        lock.lock();
        try {
            running.put(slot.number(), command);
        } finally {
            lock.unlock();
        }
        tell("run " + slot.number() + " " + ShellWords.line(line));
        return command;
    }

    private Slot slot() throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(SLOT_SECONDS);
        lock.lockInterruptibly();
        try {
            while (!gone && init != null && free.isEmpty() && left > 0) {
                left = change.awaitNanos(left);
            }
            return gone || init == null ? null : free.poll();
        } finally {
            lock.unlock();
        }
    }

    /** The command is over and done with. */
    void release(Slot slot) {
        lock.lock();
        try {
            running.remove(slot.number());
            device.open(inputPort(slot), true);
            free.addLast(slot);
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the standard input of a slot's command. */
    void endInput(Slot slot) {
        device.open(inputPort(slot), false);
    }

    /** Sends the agent a line. */
    void tell(String line) throws InterruptedException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        control.send(bytes, 0, bytes.length);
    }

    // ---- what the agent says ----

    private void listen() {
        byte[] bytes = new byte[LONGEST_LINE];
        StringBuilder line = new StringBuilder();
        try {
            for (int n = control.receive(bytes); n >= 0; n = control.receive(bytes)) {
                for (int at = 0; at < n; at++) {
                    if (bytes[at] == '\n') {
                        heard(line.toString());
                        line.setLength(0);
                    } else if (line.length() < LONGEST_LINE) {
                        line.append((char) (bytes[at] & 0xff));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end();
    }

    /** What makes no sense is passed over: the guest may say what it likes. */
    void heard(String line) {
        String[] words = line.split(" ");
        if (words.length == 3 && words[0].equals("hello")) {
            hello(words[2]);
        } else if (words.length == 3 && words[1].matches("[0-9]") && words[2].matches("[0-9]{1,9}")) {
            GuestCommand command = command(Integer.parseInt(words[1]));
            if (command != null && words[0].equals("begin")) {
                command.begun(Integer.parseInt(words[2]));
            } else if (command != null && words[0].equals("end")) {
                command.ended(Integer.parseInt(words[2]));
            }
        }
    }

    private void hello(String program) {
        lock.lock();
        try {
            init = program;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private GuestCommand command(int slot) {
        lock.lock();
        try {
            return running.get(slot);
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        List<GuestCommand> cut;
        lock.lock();
        try {
            gone = true;
            cut = List.copyOf(running.values());
            change.signalAll();
        } finally {
            lock.unlock();
        }
        cut.forEach(command -> command.ended(-1));
    }

    /** The machine is gone: commands end without a status. */
    @Override
    public void close() {
        control.close();
        slots.forEach(slot -> {
            slot.in().close();
            slot.out().close();
            slot.error().close();
        });
    }
}
