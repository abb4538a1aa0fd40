package trefoil.vmm.service;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import trefoil.engine.VcpuStatistics;
import trefoil.linux.FileDescriptor;
import trefoil.linux.tap.Tap;
import trefoil.machine.CharBackend;
import trefoil.pc.boot.KernelException;
import trefoil.virtio.device.VirtioDevice;
import trefoil.virtio.net.VirtioNet;
import trefoil.vmm.Machine;
import trefoil.vmm.MachinePlan;
import trefoil.vmm.TapBackend;
import trefoil.vmm.agent.Agent;
import trefoil.vmm.agent.GuestCommand;
import trefoil.vmm.control.Controlled;
import trefoil.vmm.control.MachineStatus;

/** One machine from its first boot to its end, over its resets. Thread-safe. */
final class Lives implements Controlled, AutoCloseable {
    private static final long HASTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_HASTY = 10;

    private final Options options;
    private final CharBackend line;
    private final Consumer<String> report;

    /** Guards what follows. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();
    private List<FileDescriptor> taps;
    private Machine machine;
    private Agent agent;
    private int boots;
    private VcpuStatistics before = VcpuStatistics.NONE;
    private long cpuBefore;

    /** @param report takes what is known of a processor that ended badly */
    Lives(Options options, CharBackend line, Consumer<String> report) {
        this.report = report;
        this.options = options;
        this.line = line;
        if (options.mac().isEmpty()) {
            taps = List.of();
        }
    }

    /** Waits until it is to begin, and runs it until it powers off or fails. */
    Machine.Outcome run() throws IOException, KernelException, InterruptedException {
        awaitBoot();
        int hasty = 0;
        while (true) {
            long begun = System.nanoTime();
            Machine.Outcome outcome = live();
            if (outcome.end() != Machine.End.RESET) {
                return outcome;
            }
            hasty = System.nanoTime() - begun < HASTE_NANOS ? hasty + 1 : 0;
            if (hasty == MOST_HASTY) {
                return new Machine.Outcome(Machine.End.FAILED, "it reset itself " + hasty + " times in a row, each within a minute of its beginning");
            }
        }
    }

    private void awaitBoot() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (taps == null) {
                change.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private Machine.Outcome live() throws IOException, KernelException {
        try (Agent talks = new Agent();
                Machine made = new Machine(plan(), line, devices(talks))) {
            begin(made, talks);
            Machine.Outcome outcome = made.run();
            end(made);
            if (outcome.end() == Machine.End.SHUTDOWN || outcome.end() == Machine.End.FAILED) {
                report.accept(made.crashReport());
            }
            return outcome;
        }
    }

    private void begin(Machine made, Agent talks) {
        lock.lock();
        try {
            machine = made;
            agent = talks;
            boots++;
        } finally {
            lock.unlock();
        }
    }

    private void end(Machine ended) {
        lock.lock();
        try {
            before = before.plus(ended.statistics());
            cpuBefore += ended.cpuNanos();
            machine = null;
            agent = null;
        } finally {
            lock.unlock();
        }
    }

    private MachinePlan plan() {
        return new MachinePlan(options.name(), options.vcpus(), options.memory(), options.kernel(), options.initrd(), options.append(), List.of(Disk.of(options)), List.of());
    }

    private List<VirtioDevice> devices(Agent talks) throws IOException {
        List<VirtioDevice> devices = new ArrayList<>();
        devices.add(talks.device());
        for (FileDescriptor tap : taps) {
            TapBackend backend = new TapBackend(Tap.of(tap.duplicate()), "tap", options.mtu());
            devices.add(new VirtioNet(backend, HexFormat.ofDelimiter(":").parseHex(options.mac()), options.mtu()));
        }
        return devices;
    }

    // ---- controlled ----

    @Override
    public boolean boot(List<FileDescriptor> given) {
        lock.lock();
        try {
            if (taps != null) {
                return false;
            }
            taps = List.copyOf(given);
            change.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void pressPowerButton() {
        lock.lock();
        try {
            if (machine != null) {
                machine.pressPowerButton();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public MachineStatus status() {
        lock.lock();
        try {
            VcpuStatistics all = machine == null ? before : before.plus(machine.statistics());
            String init = agent == null ? null : agent.init();
            String state = taps == null ? "waiting" : machine == null ? "ending" : machine.isWaitingForRoom() ? "full" : "running";
            long cpu = cpuBefore + (machine == null ? 0 : machine.cpuNanos());
            return new MachineStatus(
                    state, init == null ? "" : init, options.vcpus(), options.memory(), all.instructions(), all.portAccesses(), all.memoryAccesses(), all.msrAccesses(), all.interrupts(), all.exceptions(), all.haltNanos(),
                    all.deviceNanos(), cpu, OwnProcess.cpuNanos(), OwnProcess.memory(), boots);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public GuestCommand execute(String command) throws InterruptedException {
        Agent talks;
        lock.lock();
        try {
            talks = agent;
        } finally {
            lock.unlock();
        }
        return talks == null ? null : talks.run(command);
    }

    @Override
    public void close() {
        if (taps != null) {
            taps.forEach(FileDescriptor::close);
        }
    }
}
