package trefoil.vmm;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuStatistics;
import trefoil.engine.VcpuWiring;
import trefoil.engine.Hypercalls;
import trefoil.disk.HostFile.Access;
import trefoil.disk.Images;
import trefoil.linux.memory.SharedMemory;
import trefoil.machine.BlockBackend;
import trefoil.machine.Bus;
import trefoil.machine.CharBackend;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.MemoryRegion;
import trefoil.machine.SystemClock;
import trefoil.pc.Frequency;
import trefoil.pc.PcBoard;
import trefoil.pc.acpi.AcpiTables;
import trefoil.pc.acpi.BoardFacts;
import trefoil.pc.boot.EntryState;
import trefoil.pc.boot.KernelException;
import trefoil.pc.boot.PcMemoryMap;
import trefoil.pc.boot.PvhBoot;
import trefoil.pc.nvme.NvmeController;
import trefoil.pc.power.PowerListener;
import trefoil.pci.ConfigSpace;
import trefoil.softcpu.SoftEngine;
import trefoil.virtio.block.VirtioBlock;
import trefoil.virtio.device.VirtioDevice;
import trefoil.virtio.net.VirtioNet;
import trefoil.virtio.pci.VirtioPci;
import trefoil.virtio.rng.VirtioEntropy;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.cpuid.KvmFeature;

/** One machine: memory, bus, board and processors, with a kernel loaded. {@link #run} executes it, the first processor on the caller's thread, until it powers off, is reset, or is stopped. */
public final class Machine implements AutoCloseable {
    /** Linux gives a command of NVMe up after 30 s, and the controller after that. */
    private static final long NVME_PATIENCE_SECONDS = 20;
    private static final long TSC_HERTZ = 1_000_000_000L;
    private static final long CRYSTAL_HERTZ = 25_000_000L;
    private static final long BUS_HERTZ = 1_000_000_000L;
    private static final long MMIO64_LENGTH = 1L << 36;

    /** Why a machine came to its end. */
    public enum End {
        /** ACPI S5. */
        POWERED_OFF,
        /** It wants to begin anew; {@link Outcome#reset} says how much of it. */
        RESET,
        /** A processor has shut down: a triple fault. A PC's chipset answers that as it does a reset of the processors alone. */
        SHUTDOWN,
        /** {@link Machine#stop} was called. */
        STOPPED,
        /** The engine found that it cannot go on. */
        FAILED
    }

    /**
     * @param reason for people, empty where the end says all
     * @param reset how much the guest wants to have reset; null unless the end is {@link End#RESET}
     */
    public record Outcome(End end, String reason, PowerListener.Reset reset) {
        /** Any end but a reset. */
        public Outcome(End end, String reason) {
            this(end, reason, null);
        }

        static Outcome ofReset(PowerListener.Reset kind) {
            return new Outcome(End.RESET, switch (kind) {
                case PROCESSORS -> "of the processors";
                case BOARD -> "of the board";
                case POWER_CYCLE -> "by power off and on";
            }, kind);
        }
    }

    /** What a guest is offered of KVM's; locks that halt are worth their cost where there are several processors. */
    private static final Set<KvmFeature> ALONE = Set.of(KvmFeature.CLOCKSOURCE2, KvmFeature.CLOCKSOURCE_STABLE, KvmFeature.NOP_IO_DELAY, KvmFeature.STEAL_TIME, KvmFeature.PV_EOI);

    private static final Set<KvmFeature> SEVERAL =
            Stream.concat(ALONE.stream(), Stream.of(KvmFeature.PV_UNHALT, KvmFeature.PV_SEND_IPI, KvmFeature.PV_SCHED_YIELD)).collect(Collectors.toUnmodifiableSet());

    /** Slot 0 is the host bridge's, 31 the LPC bridge's. */
    private static final int FIRST_SLOT = 1;
    private static final int LAST_SLOT = 30;

    private final Holdings held = new Holdings();
    /** Held by {@link #run}; {@link #close} waits for it. */
    private final ReentrantLock running = new ReentrantLock();
    private final SharedMemory ram;
    /** Devices in slots of the bus. */
    private int devices;
    private final AtomicInteger waitingDisks = new AtomicInteger();
    private final GuestMemory memory;
    private final SystemClock clock;
    private final SoftEngine engine;
    private final Vcpus vcpus;
    private final PcBoard board;
    /** Guarded by {@link #running}. */
    private boolean closed;
    /** Guarded by {@link #running}; null until the first end. */
    private Outcome ended;

    /** Makes a machine that is ready to {@link #run}, with no devices but those of its plan. */
    public Machine(MachinePlan plan, CharBackend com1) throws IOException, KernelException {
        this(plan, com1, List.of());
    }

    /**
     * Makes a machine that is ready to {@link #run}. What it took of the host is given back if it cannot be made.
     *
     * @param more devices behind those of the plan, the machine's from now on: closed with it, or when it cannot be made
     * @throws IOException a file, a disk's image or a network card's interface cannot be used: which, why, and what to do
     * @throws KernelException the kernel cannot be started
     */
    public Machine(MachinePlan plan, CharBackend com1, List<VirtioDevice> more) throws IOException, KernelException {
        more.forEach(device -> held.add(device::close));
        int wanting = plan.disks().size() + plan.nics().size() + more.size();
        boolean whole = false;
        try {
            if (1 + wanting > LAST_SLOT) {
                throw new IllegalArgumentException("a machine has room for " + (LAST_SLOT - 1) + " disks, network cards and other devices, not for " + wanting);
            }
            PcMemoryMap map = new PcMemoryMap(plan.memory());
            ram = new SharedMemory("trefoil-" + plan.name(), plan.memory());
            held.add(ram::close);
            memory = memory(map);
            engine = new SoftEngine(memory);
            held.add(engine::close);
            clock = new SystemClock((thread, broken) -> {
                System.getLogger(Machine.class.getName()).log(System.Logger.Level.ERROR, "a timer's action failed", broken);
                end(new Outcome(End.FAILED, "a timer's action failed: " + broken));
            });
            held.add(clock::close);
            Bus bus = new Bus();
            List<TscCounter> counters = Stream.generate(() -> new TscCounter(clock, new Frequency(TSC_HERTZ))).limit(plan.vcpus()).toList();
            List<Processor> processors = counters.stream().map(tsc -> new Processor(tsc, new KvmClock(memory, clock, TSC_HERTZ), new ParavirtualEoi(memory), new StealTime(memory, StealTime.Waited.OF_KERNEL))).toList();
            board = new PcBoard(new PcBoard.Surroundings(
                    bus, clock, List.copyOf(processors), List.copyOf(counters), new Frequency(CRYSTAL_HERTZ), com1, new Power(), (start, length, readRam, writeRam) -> {}));
            List<Vcpu> made = new ArrayList<>();
            Hypercalls hypercalls = new KvmHypercalls(made, board.messages());
            for (int n = 0; n < plan.vcpus(); n++) {
                made.add(vcpu(n, plan.vcpus(), bus, processors.get(n), counters.get(n), hypercalls));
            }
            vcpus = new Vcpus(made);
            addDevice(new VirtioEntropy(new SecureRandom()), memory, bus);
            for (MachinePlan.Disk disk : plan.disks()) {
                BlockBackend backend = Images.open(disk.image(), disk.format(), Access.WRITE, disk.roots());
                held.add(backend::close);
                PatientDisk patient = new PatientDisk(backend, disk.attachment() == MachinePlan.Attachment.NVME ? NVME_PATIENCE_SECONDS : Long.MAX_VALUE / 1_000_000_000, this::diskWaits);
                addDisk(disk.attachment(), patient, "trefoil-" + devices, bus);
                held.add(patient::hurry);
            }
            for (MachinePlan.Nic nic : plan.nics()) {
                TapBackend backend = new TapBackend(nic.tap());
                held.add(backend::close);
                addDevice(new VirtioNet(backend, nic.address(), backend.mtu()), memory, bus);
            }
            for (VirtioDevice device : more) {
                addDevice(device, memory, bus);
            }
            board.program(map, MMIO64_LENGTH);
            vcpus.first().restore(Entry.of(load(plan, map, memory), memory));
            whole = true;
        } finally {
            if (!whole) {
                held.close();
            }
        }
    }

    private Vcpu vcpu(int n, int count, Bus bus, Processor processor, TscCounter tsc, Hypercalls hypercalls) {
        Vcpu vcpu = engine.vcpu(new VcpuWiring(n, n == 0, memory, bus, cpuid(n, count), processor, processor, processor, tsc, hypercalls));
        processor.connect(vcpu, board.localApics().get(n));
        return vcpu;
    }

    private GuestMemory memory(PcMemoryMap map) {
        long[] at = {0};
        return new GuestMemory(map.backed().stream()
                .map(range -> {
                    MemoryRegion region = MemoryRegion.ram(range.start(), ram.memory().asSlice(at[0], range.length()));
                    at[0] += range.length();
                    return region;
                })
                .toList());
    }

    private void addDisk(MachinePlan.Attachment attachment, BlockBackend backend, String serial, Bus bus) {
        switch (attachment) {
            case VIRTIO -> addDevice(new VirtioBlock(backend, serial), memory, bus);
            case NVME -> {
                NvmeController controller = new NvmeController(backend, serial, memory, bus, board.messages(), board.pciLine(nextSlot(), 1), clock);
                held.add(controller::close);
                plug(controller.config());
            }
        }
    }

    private void addDevice(VirtioDevice device, GuestMemory memory, Bus bus) {
        VirtioPci function = new VirtioPci(device, memory, bus, board.messages(), board.pciLine(nextSlot(), 1));
        held.add(function::close);
        plug(function.config());
    }

    private int nextSlot() {
        return FIRST_SLOT + devices;
    }

    /** Puts a function into the next free slot of the bus. */
    private void plug(ConfigSpace function) {
        board.pci().add(nextSlot(), 0, function);
        devices++;
    }

    private static CpuidPolicy cpuid(int n, int count) {
        return new CpuidPolicy.Builder(CpuProfile.PARA.features(), count == 1 ? ALONE : SEVERAL).rates(TSC_HERTZ, CRYSTAL_HERTZ, BUS_HERTZ).topology(n, count).build();
    }

    private static EntryState load(MachinePlan plan, PcMemoryMap map, GuestMemory memory) throws IOException, KernelException {
        try {
            long rsdp = AcpiTables.of(new BoardFacts(plan.vcpus(), map, MMIO64_LENGTH, Set.of(BoardFacts.Part.HPET))).write(memory);
            byte[] initrd = plan.initrd() == null ? new byte[0] : BootFile.read(plan.initrd(), "initial RAM disk");
            return new PvhBoot(map, memory).load(KernelFile.read(plan.kernel()), plan.commandLine(), initrd, rsdp);
        } catch (GuestMemoryFault e) {
            throw new IllegalStateException("the tables have no place in memory", e);
        }
    }

    /**
     * Executes the guest until it ends. Each processor has a thread of its own, which is gone when this returns. A machine that has ended stays so.
     *
     * @throws IllegalStateException after {@link #close}
     */
    public Outcome run() {
        running.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the machine is closed");
            }
            ended = vcpus.run();
            return ended;
        } finally {
            running.unlock();
        }
    }

    /**
     * What the processor that ended the machine, or else the first, looked like when {@link #run} ended: {@link CrashReport}. Waits while it executes.
     *
     * @throws IllegalStateException before the first end, and after {@link #close}
     */
    public String crashReport() {
        running.lock();
        try {
            if (closed || ended == null) {
                throw new IllegalStateException("the machine is closed, or has not ended");
            }
            return CrashReport.of((ended.end() + " " + ended.reason()).strip(), vcpus.last().state(), memory);
        } finally {
            running.unlock();
        }
    }

    /** Ends {@link #run} soon. From any thread. */
    public void stop() {
        end(new Outcome(End.STOPPED, ""));
    }

    /** Presses the power button: the guest may shut itself down. */
    public void pressPowerButton() {
        board.power().pressPowerButton();
    }

    private void diskWaits(boolean waits) {
        waitingDisks.addAndGet(waits ? 1 : -1);
        System.getLogger(Machine.class.getName()).log(System.Logger.Level.WARNING, waits ? "the host has no room for what the guest writes, which waits until there is some" : "what the guest writes waits no more");
    }

    /** Whether what the guest writes to a disk waits for room on the host. From any thread. */
    public boolean isWaitingForRoom() {
        return waitingDisks.get() > 0;
    }

    /** What the processors did, together. From any thread. */
    public VcpuStatistics statistics() {
        return vcpus.statistics();
    }

    /** CPU time of the threads that execute the guest, in nanoseconds; the time that devices take to answer them is in it. From any thread. */
    public long cpuNanos() {
        return vcpus.cpuNanos();
    }

    /** The first processor's state, while it does not run. */
    public trefoil.x86.state.CpuState processor() {
        return vcpus.first().state();
    }

    private void end(Outcome how) {
        Vcpus told = vcpus;
        if (told != null) { // a timer of the board's may fail before there are any
            told.end(how);
        }
    }

    /** A reset of any kind, that of the processors alone too, and soft-off end {@link #run}; whoever runs the machine may begin it anew. */
    private final class Power implements PowerListener {
        @Override
        public void reset(Reset kind) {
            end(Outcome.ofReset(kind));
        }

        @Override
        public void sleep(int state) {
            if (state == 5) {
                end(new Outcome(End.POWERED_OFF, ""));
            }
        }

        @Override
        public void a20(boolean open) {}
    }

    /** Ends {@link #run} if it still executes, and gives back memory, disks, network cards and threads. Idempotent. */
    @Override
    public void close() {
        stop();
        running.lock();
        try {
            closed = true;
            held.close();
        } finally {
            running.unlock();
        }
    }
}
