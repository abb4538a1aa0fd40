package trefoil.pc.nvme;

import java.util.concurrent.CountDownLatch;
import trefoil.machine.BlockBackend;
import trefoil.machine.Bus;
import trefoil.machine.Clock;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.InterruptLine;
import trefoil.machine.Mmio;
import trefoil.machine.MsiSink;
import trefoil.machine.Worker;
import trefoil.pci.Bar;
import trefoil.pci.ConfigSpace;
import trefoil.pci.Msix;

/**
 * A disk as an NVM Express controller (NVM Express Base Specification 1.4; PCI class 01 08 02): its registers and its life. Thread-safe. See the package for how the parts go together.
 *
 * <p>Behind BAR 0 lie the registers of 3.1 and, from 0x1000, doorbells without gaps (CAP.DSTRD 0); behind BAR 2 the MSI-X table, a vector for each completion queue. While MSI-X is off, the interrupt pin is high as long as
 * a queue that interrupts holds entries which the guest has not consumed, unless bit 0 of INTMS is set.
 *
 * <p>Limits: 16 pairs of queues of up to 1024 entries, in contiguous memory; pages of 4 KiB; 512 KiB to a command; one namespace, whose blocks are those of the backend. Deviations: no capabilities of PCI Express and power
 * management; memory is read and written whether or not the function may master the bus; commands are done one at a time, so that Abort finds only requests for events; no scatter gather lists, metadata, fused
 * operations, subsystem reset, memory buffers, Keep Alive.
 */
public final class NvmeController implements Mmio, AutoCloseable {
    static final int SIZE = 0x4000;
    static final int DOORBELLS = 0x1000;

    private static final int PAGE = 0x1000;
    private static final int REGISTERS_BAR = 0;
    private static final int MSIX_BAR = 2;
    private static final int DEVICE = 0x5446;
    private static final int CLASS = 0x010802;
    private static final int LAST_REGISTER = 0x38;

    private static final int ENABLE = 1;
    /** I/O command set, page size and arbitration: 0 is all there is. */
    private static final int SELECTIONS = 0x3FF0;
    private static final int SHUTDOWN = 3 << 14;
    private static final int CONFIGURATION = ENABLE | SELECTIONS | SHUTDOWN | 0xFF_0000;

    private static final int READY = 1;
    private static final int FATAL = 2;
    private static final int SHUTTING_DOWN = 1 << 2;
    private static final int SHUT_DOWN = 2 << 2;
    private static final int SHUTDOWN_STATUS = 3 << 2;

    /** 10 seconds to become ready, the NVM command set, contiguous queues. */
    private static final long CAPABILITIES = 1L << 37 | 20L << 24 | 1L << 16 | Queues.MOST_ENTRIES - 1;

    private final BlockBackend backend;
    private final Clock clock;
    private final ConfigSpace config;
    private final Msix msix;
    private final Queues queues;
    private final Features features = new Features();
    private final AsyncEvents events = new AsyncEvents();
    private final HealthLog log;
    private final AdminCommands administration;
    private final NamespaceCommands commands;
    private final Worker worker;

    // ---- guarded by this; those that are volatile are written so ----
    private volatile int mask;
    private volatile int configuration;
    private volatile int status;
    private int adminAttributes;
    private long adminSubmissions;
    private long adminCompletions;
    private boolean resetting;

    /**
     * @param serial what Identify answers: up to 20 characters of ASCII, another for each disk of a machine
     * @param line of INTA#
     */
    public NvmeController(BlockBackend backend, String serial, GuestMemory memory, Bus bus, MsiSink sink, InterruptLine line, Clock clock) {
        this.backend = backend;
        this.clock = clock;
        this.config = new ConfigSpace(new ConfigSpace.Identity(Identity.VENDOR, DEVICE, 1, CLASS, Identity.SUBSYSTEM_VENDOR, Identity.SUBSYSTEM));
        this.msix = new Msix(config, Queues.PAIRS + 1, MSIX_BAR, 0, sink);
        this.queues = new Queues(memory, this::interrupt);
        this.log = new HealthLog(clock);
        this.administration = new AdminCommands(memory, new Identity(backend, serial), queues, features, events, log, () -> configuration, msix::isEnabled);
        this.commands = new NamespaceCommands(memory, backend, features, log);
        this.worker = new Worker("nvme-" + serial, this::piece);
        config.memoryBar(REGISTERS_BAR, Bar.Kind.MEMORY_64, SIZE, this, bus);
        config.memoryBar(MSIX_BAR, Bar.Kind.MEMORY_32, Math.max(PAGE, Integer.highestOneBit(2 * msix.length() - 1)), msix, bus);
        config.intx(1, line);
        config.watch(ConfigSpace.FIRST_CAPABILITY, 4, this::drivePin);
    }

    /** To be put into a slot. */
    public ConfigSpace config() {
        return config;
    }

    /** The disk has another size, or may no more or again be written. */
    public void resized() {
        log.namespaceChanged();
        if ((features.events() & Identity.NAMESPACE_NOTICES) != 0) {
            events.raise(AsyncEvents.Event.NAMESPACE_CHANGED);
            worker.wake();
        }
    }

    // ---- registers (3.1): whole aligned words are written, anything within eight bytes is read ----

    @Override
    public long read(long offset, int size) {
        int word = (int) offset & ~3;
        long value = register(word) & 0xFFFF_FFFFL | (long) register(word + 4) << 32;
        return value >>> 8 * (offset & 3);
    }

    private synchronized int register(int offset) {
        return switch (offset) {
            case 0x00 -> (int) CAPABILITIES;
            case 0x04 -> (int) (CAPABILITIES >>> 32);
            case 0x08 -> Identity.VERSION;
            case 0x0C, 0x10 -> mask;
            case 0x14 -> configuration;
            case 0x1C -> status;
            case 0x24 -> adminAttributes;
            case 0x28 -> (int) adminSubmissions;
            case 0x2C -> (int) (adminSubmissions >>> 32);
            case 0x30 -> (int) adminCompletions;
            case 0x34 -> (int) (adminCompletions >>> 32);
            default -> 0;
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size < 4 || (offset & 3) != 0) {
            return;
        }
        writeWord((int) offset, (int) value);
        if (size == 8) {
            writeWord((int) offset + 4, (int) (value >>> 32));
        }
    }

    private void writeWord(int offset, int value) {
        if (offset >= DOORBELLS) {
            ring((offset - DOORBELLS) / 4, value);
        } else if (offset < LAST_REGISTER) {
            setRegister(offset, value);
        }
    }

    private synchronized void setRegister(int offset, int value) {
        switch (offset) {
            case 0x0C -> setMask(mask | value);
            case 0x10 -> setMask(mask & ~value);
            case 0x14 -> configure(value & CONFIGURATION);
            case 0x24 -> adminAttributes = value & 0x0FFF_0FFF;
            case 0x28 -> adminSubmissions = adminSubmissions & -1L << 32 | value & 0xFFFF_F000L;
            case 0x2C -> adminSubmissions = adminSubmissions & 0xFFFF_FFFFL | (long) value << 32;
            case 0x30 -> adminCompletions = adminCompletions & -1L << 32 | value & 0xFFFF_F000L;
            case 0x34 -> adminCompletions = adminCompletions & 0xFFFF_FFFFL | (long) value << 32;
            default -> {}
        }
    }

    private void setMask(int value) {
        mask = value;
        drivePin();
    }

    // ---- enabling, resetting, shutting down (3.1.5, 3.1.6, 7.3, 7.6); guarded by this ----

    private void configure(int value) {
        int before = configuration;
        configuration = value;
        boolean enabled = (value & ENABLE) != 0;
        if (!enabled && (before & ENABLE) != 0) {
            beginReset(() -> {});
            return;
        }
        if (enabled && (before & ENABLE) == 0 && !resetting) {
            enable();
        }
        if ((value & SHUTDOWN) != 0 && (before & SHUTDOWN) == 0) {
            status = status & ~SHUTDOWN_STATUS | SHUTTING_DOWN;
            worker.wake();
        }
    }

    private void beginReset(Runnable then) {
        resetting = true;
        worker.afterPiece(() -> {
            forget();
            then.run();
        });
    }

    /** In the worker's turn: all queues and features are as they were; CSTS tells that it is done. Nothing if an earlier call has done what this one was meant for. */
    private synchronized void forget() {
        if (!resetting) {
            return;
        }
        queues.clear();
        features.reset();
        events.reset();
        status = 0;
        mask = 0;
        resetting = false;
        drivePin();
        if ((configuration & ENABLE) != 0) {
            enable();
        }
    }

    private void enable() {
        int submissions = (adminAttributes & 0xFFF) + 1;
        int completions = (adminAttributes >>> 16) + 1;
        boolean good = (configuration & SELECTIONS) == 0 && submissions > 1 && completions > 1
                && queues.isInMemory(adminSubmissions, submissions, Command.LENGTH, false) && queues.isInMemory(adminCompletions, completions, 16, true);
        if (!good) {
            status = FATAL;
            return;
        }
        queues.addCompletion(0, adminCompletions, completions, true, 0);
        queues.addSubmission(0, adminSubmissions, submissions, 0);
        status = READY;
    }

    private synchronized void fail() {
        status |= FATAL;
    }

    private synchronized void shutDown() {
        if ((status & SHUTDOWN_STATUS) == SHUTTING_DOWN) {
            status = status & ~SHUTDOWN_STATUS | SHUT_DOWN;
        }
    }

    /** Whether commands are fetched. */
    private boolean isServing() {
        return (status & (READY | FATAL | SHUTDOWN_STATUS)) == READY && (configuration & ENABLE) != 0;
    }

    // ---- doorbells (3.1.23, 3.1.24) ----

    private void ring(int number, int value) {
        if (!isServing()) {
            return;
        }
        int queue = number / 2;
        boolean submission = number % 2 == 0;
        Queues.Doorbell rung = submission ? queues.submit(queue, value & 0xFFFF) : queues.consume(queue, value & 0xFFFF);
        if (rung != Queues.Doorbell.RUNG) {
            log.error(Math.min(queue, 0xFFFF), HealthLog.NO_COMMAND, 0, 0, 0);
            events.raise(rung == Queues.Doorbell.NO_QUEUE ? AsyncEvents.Event.INVALID_DOORBELL : AsyncEvents.Event.INVALID_DOORBELL_VALUE);
        } else if (!submission) {
            drivePin();
        }
        worker.wake();
    }

    // ---- interrupts (7.5) ----

    private void interrupt(int vector) {
        if (msix.isEnabled()) {
            msix.signal(vector);
        } else {
            drivePin();
        }
    }

    /** Also whenever the guest may have switched MSI-X on or off. */
    private void drivePin() {
        synchronized (config) {
            config.interrupt(!msix.isEnabled() && (mask & 1) == 0 && queues.isInterrupting());
        }
    }

    // ---- the worker: one command of each queue ----

    private boolean piece() {
        if ((status & SHUTDOWN_STATUS) == SHUTTING_DOWN) {
            backend.flush();
            shutDown();
        }
        boolean more = false;
        try {
            for (int queue = 0; queue <= Queues.PAIRS && isServing(); queue++) {
                more |= serve(queue);
            }
            if (isServing()) {
                more |= endRequest();
            }
        } catch (GuestMemoryFault e) {
            fail();
            return false;
        }
        return more;
    }

    private boolean serve(int queue) throws GuestMemoryFault {
        Command command = queues.fetch(queue);
        if (command == null) {
            return false;
        }
        try {
            if (queue == 0) {
                administer(command);
            } else {
                execute(command);
                queues.complete(queue, command.id(), 0, Status.SUCCESS);
            }
        } catch (CommandFault e) {
            log.error(queue, command.id(), e.status(), queue == 0 ? 0 : command.block(), command.namespace());
            queues.complete(queue, command.id(), 0, e.status());
        }
        return true;
    }

    private void administer(Command command) throws CommandFault, GuestMemoryFault {
        long result = administration.execute(command);
        if (result != AdminCommands.HELD) {
            queues.complete(0, command.id(), (int) result, Status.SUCCESS);
        }
    }

    private void execute(Command command) throws CommandFault {
        long begun = clock.nanos();
        try {
            commands.execute(command);
        } finally {
            log.busy(clock.nanos() - begun);
        }
    }

    private boolean endRequest() throws GuestMemoryFault {
        AsyncEvents.Ended ended = queues.hasRoom(0) ? events.next() : null;
        if (ended == null) {
            return false;
        }
        queues.complete(0, ended.command(), ended.result(), ended.status());
        return true;
    }

    // ---- life ----

    /** As after power-up; returns when the device has let go of guest memory. */
    public void reset() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        synchronized (this) {
            configuration = 0;
            adminAttributes = 0;
            adminSubmissions = 0;
            adminCompletions = 0;
            beginReset(done::countDown);
        }
        done.await();
        msix.reset();
        config.reset();
    }

    /** Returns when the device is at rest; only then is {@link #state} meaningful. */
    public void pause() {
        worker.hold();
    }

    public void resume() {
        worker.release();
    }

    /** Of a {@linkplain #pause paused} device. */
    public synchronized NvmeState state() {
        NvmeState.Registers registers = new NvmeState.Registers(mask, configuration, status, adminAttributes, adminSubmissions, adminCompletions);
        return new NvmeState(registers, queues.submissions(), queues.completions(), features.state(), events.state(), log.state(), msix.state(), config.state());
    }

    /** Into a device that has not been used and is {@linkplain #pause paused}; {@link #resume} goes on with what had not been done. */
    public synchronized void restore(NvmeState state) {
        mask = state.registers().mask();
        configuration = state.registers().configuration();
        status = state.registers().status();
        adminAttributes = state.registers().adminAttributes();
        adminSubmissions = state.registers().adminSubmissions();
        adminCompletions = state.registers().adminCompletions();
        queues.restore(state.submissions(), state.completions());
        features.restore(state.features());
        events.restore(state.events());
        log.restore(state.health());
        msix.restore(state.msix());
        config.restore(state.config());
        if ((configuration & ENABLE) == 0 && (status & READY) != 0) {
            beginReset(() -> {});
        }
    }

    /** Returns when the device is at rest: memory and backend may go away then. */
    @Override
    public void close() {
        worker.hold();
        worker.close();
        backend.close();
    }
}
