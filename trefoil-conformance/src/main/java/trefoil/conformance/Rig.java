package trefoil.conformance;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import trefoil.conformance.Snippet.Ending;
import trefoil.conformance.Snippet.Expectation;
import trefoil.engine.Engine;
import trefoil.engine.Hypercalls;
import trefoil.engine.InterruptSource;
import trefoil.engine.LocalPage;
import trefoil.engine.MsrDevice;
import trefoil.engine.MsrRefusal;
import trefoil.engine.TimeStamp;
import trefoil.engine.Vcpu;
import trefoil.engine.VcpuExit;
import trefoil.engine.VcpuWiring;
import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.MemoryRegion;
import trefoil.machine.PortIo;
import trefoil.x86.cpuid.CpuProfile;
import trefoil.x86.state.CpuState;

/**
 * One processor with 16 MiB of RAM for one program. Tables, handlers and mailbox lie where the constants say; a program may write over all of them. Handlers note what the processor pushed, lowest address first, behind the
 * vector, in words of the mode's size, and end the program.
 */
public final class Rig {
    /** Where programs begin. */
    public static final long CODE = 0x1000;
    /** Table of 256 gates, in the modes that have one. */
    public static final long IDT = 0x2000;
    /** A handler of 16 octets for each of the first 32 vectors. */
    public static final long HANDLERS = 0x3000;
    /** Selectors: 08 code of the mode, 10 data, 18 32-bit code, 20 code and 28 data for CPL 3, 30 the task state segment (two entries), 40 data that is not present, 48 16-bit code, 50 read-only data; more up to F8 are empty. */
    public static final long GDT = 0x4000;
    /** Task state segment, whose stack of CPL 0 (and IST 1) is {@link #KERNEL_STACK}. */
    public static final long TASK = 0x5000;
    /** Top of the stack with which a program begins. */
    public static final long STACK = 0x7000;
    /** Top of the stack that the task state segment names. */
    public static final long KERNEL_STACK = 0x7C00;
    /** What the handlers note. */
    public static final long MAILBOX = 0x8000;
    /** The page tables of {@link Start#LONG64}: level 4, then 3, then 2. */
    public static final long TABLES = 0x10_0000;
    /** A write to it ends the program. */
    public static final int END_PORT = 0xF4;

    /** … that of a handler. */
    private static final int NOTED_PORT = END_PORT + 1;

    static final int GDT_LIMIT = 0xFF;

    private static final long RAM = 16L << 20;
    private static final long MOST_SECONDS = 10;
    private static final Set<Integer> WITH_ERROR_CODE = Set.of(8, 10, 11, 12, 13, 14, 17, 21);
    private static final List<String> NOTED = List.of("vector", "error", "saved-rip", "saved-cs", "saved-rflags", "saved-rsp", "saved-ss");
    private static final List<String> GENERAL = List.of("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");
    private static final List<String> SEGMENTS = List.of("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr");

    private final GuestMemory memory;
    private final Start start;

    private Rig(GuestMemory memory, Start start) {
        this.memory = memory;
        this.start = start;
    }

    /**
     * Runs a program.
     *
     * @param engines makes an engine for that RAM, which is closed at the end
     * @return what differs from what is expected; empty if nothing does
     */
    public static List<String> run(Snippet snippet, Function<GuestMemory, Engine> engines) {
        try (Arena arena = Arena.ofShared();
                ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory())) {
            GuestMemory memory = new GuestMemory(List.of(MemoryRegion.ram(0, arena.allocate(RAM, 4096))));
            try (Engine engine = engines.apply(memory)) {
                return new Rig(memory, snippet.start()).run(snippet, engine, watch);
            }
        } catch (GuestMemoryFault e) {
            throw new IllegalStateException("beyond RAM", e);
        }
    }

    private List<String> run(Snippet snippet, Engine engine, ScheduledExecutorService watch) throws GuestMemoryFault {
        prepare();
        memory.write(CODE, snippet.code(), 0, snippet.code().length);
        int[] ended = {0};
        Bus bus = new Bus();
        Alone alone = new Alone();
        Vcpu vcpu = engine.vcpu(new VcpuWiring(0, true, memory, bus, CpuProfile.PC.policy().build(), alone, alone, alone, alone, Hypercalls.NONE));
        bus.attach(
                new PortIo() {
                    @Override
                    public int read(int offset, int size) {
                        return -1;
                    }

                    @Override
                    public void write(int offset, int size, int value) {
                        if (ended[0] == 0) {
                            ended[0] = END_PORT + offset;
                            vcpu.stop();
                        }
                    }
                },
                END_PORT, 2);
        vcpu.restore(start.state(vcpu.state()));
        ScheduledFuture<?> late = watch.schedule(vcpu::stop, MOST_SECONDS, TimeUnit.SECONDS);
        VcpuExit exit = vcpu.run();
        late.cancel(false);
        return differences(snippet, exit, ended[0], vcpu.state());
    }

    // ---- what a program finds ----

    private void prepare() throws GuestMemoryFault {
        for (int vector = 0; vector < 32; vector++) {
            handler(vector);
        }
        common();
        long code = start == Start.LONG64 ? 0x00AF_9B00_0000_FFFFL : 0x00CF_9B00_0000_FFFFL;
        long[] descriptors = {
            0, code, 0x00CF_9300_0000_FFFFL, 0x00CF_9B00_0000_FFFFL, code | 3L << 45, 0x00CF_F300_0000_FFFFL, 0x0000_8B00_0000_0067L | TASK << 16, 0, 0x00CF_1300_0000_FFFFL, 0x0000_9B00_0000_FFFFL, 0x00CF_9100_0000_FFFFL
        };
        for (int n = 0; n < descriptors.length; n++) {
            memory.putLong(GDT + 8L * n, descriptors[n]);
        }
        prepareTask();
        if (start == Start.LONG64) {
            preparePages();
        }
    }

    private void handler(int vector) throws GuestMemoryFault {
        long at = HANDLERS + 16L * vector;
        String pushes = (WITH_ERROR_CODE.contains(vector) && start != Start.REAL16 ? "" : "6a00") + HexFormat.of().formatHex(new byte[] {0x6A, (byte) vector});
        long next = at + pushes.length() / 2 + (start == Start.REAL16 ? 3 : 5);
        write(at, pushes + "e9" + little(HANDLERS + 0x200 - next, start == Start.REAL16 ? 2 : 4));
        switch (start) {
            case REAL16 -> memory.putInt(4L * vector, (int) at);
            case PROTECTED32 -> memory.putLong(IDT + 8L * vector, 0x8E00_0008_0000L | at);
            case LONG64 -> memory.putLong(IDT + 16L * vector, 0x8E00_0008_0000L | at);
        }
    }

    /** Where the handlers meet: pops what was pushed into the mailbox, and ends the program. */
    private void common() throws GuestMemoryFault {
        StringBuilder code = new StringBuilder();
        for (int n = 0; n < NOTED.size(); n++) {
            long place = MAILBOX + 8L * n;
            code.append(switch (start) {
                case REAL16 -> "2e8f06" + little(place, 2);
                case PROTECTED32 -> "368f05" + little(place, 4);
                case LONG64 -> "8f0425" + little(place, 4);
            });
        }
        write(HANDLERS + 0x200, code + "e6f5ebfe");
    }

    private void prepareTask() throws GuestMemoryFault {
        if (start == Start.LONG64) {
            memory.putLong(TASK + 4, KERNEL_STACK);
            memory.putLong(TASK + 0x24, KERNEL_STACK);
        } else {
            memory.putInt(TASK + 4, (int) KERNEL_STACK);
            memory.putInt(TASK + 8, 0x10);
        }
        memory.putInt(TASK + 0x64, 0x68 << 16); // the I/O map begins behind the limit: no port is allowed
    }

    private void preparePages() throws GuestMemoryFault {
        memory.putLong(TABLES, TABLES + 0x1000 | 7);
        memory.putLong(TABLES + 0x1000, TABLES + 0x2000 | 7);
        for (int n = 0; n < 512; n++) {
            memory.putLong(TABLES + 0x2000 + 8L * n, (long) n << 21 | 0x87);
        }
    }

    private void write(long address, String hex) throws GuestMemoryFault {
        byte[] octets = HexFormat.of().parseHex(hex);
        memory.write(address, octets, 0, octets.length);
    }

    private static String little(long value, int octets) {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < octets; n++) {
            text.append("%02x".formatted(value >>> 8 * n & 0xFF));
        }
        return text.toString();
    }

    // ---- what it left ----

    private List<String> differences(Snippet snippet, VcpuExit exit, int port, CpuState state) throws GuestMemoryFault {
        List<String> all = new ArrayList<>();
        Ending ending = exit instanceof VcpuExit.Shutdown ? Ending.SHUTDOWN : port == NOTED_PORT ? Ending.EXCEPTION : Ending.DONE;
        if (exit instanceof VcpuExit.Failure || port == 0 && ending != Ending.SHUTDOWN) {
            all.add("it did not end: " + exit + ", at %x".formatted(state.rip()));
        } else if (ending != snippet.ending()) {
            all.add("it ended by " + ending + " rather than " + snippet.ending() + (ending == Ending.EXCEPTION ? ": vector %x, error %x, at %x".formatted(note("vector"), note("error"), note("saved-rip")) : ""));
        }
        for (Expectation expected : snippet.expectations()) {
            long found = found(expected.what(), state);
            if (found != expected.value()) {
                all.add("%s is %x rather than %x".formatted(expected.what(), found, expected.value()));
            }
        }
        return all;
    }

    private long found(String what, CpuState state) throws GuestMemoryFault {
        if (GENERAL.contains(what)) {
            return state.general().get(GENERAL.indexOf(what));
        }
        if (SEGMENTS.contains(what)) {
            return state.segments().get(SEGMENTS.indexOf(what)).selector();
        }
        if (NOTED.contains(what)) {
            return note(what);
        }
        String[] parts = what.split("/");
        long argument = parts.length > 1 ? Long.parseUnsignedLong(parts[1], 16) : 0;
        return switch (parts[0]) {
            case "flags" -> state.rflags() & argument;
            case "saved-flags" -> note("saved-rflags") & argument;
            case "mem8" -> memory.getByte(argument) & 0xFF;
            case "mem16" -> memory.getShort(argument) & 0xFFFF;
            case "mem32" -> memory.getInt(argument) & 0xFFFF_FFFFL;
            case "mem64" -> memory.getLong(argument);
            case "cr0" -> state.cr0();
            case "cr2" -> state.cr2();
            case "dr6" -> state.debug().get(4);
            case "fs-base" -> state.segments().get(4).base();
            case "gs-base" -> state.segments().get(5).base();
            default -> throw new IllegalArgumentException("nothing is called " + what);
        };
    }

    private long note(String what) throws GuestMemoryFault {
        long value = memory.getLong(MAILBOX + 8L * NOTED.indexOf(what));
        return start == Start.REAL16 ? value & 0xFFFF : value;
    }

    /** No local APIC, no interrupts; a counter that stands. */
    private static final class Alone implements InterruptSource, LocalPage, MsrDevice, TimeStamp {
        @Override
        public boolean isInterruptPending() {
            return false;
        }

        @Override
        public int acknowledge() {
            return NONE;
        }

        @Override
        public int taskPriority() {
            return 0;
        }

        @Override
        public void taskPriority(int priority) {}

        @Override
        public long address() {
            return -1;
        }

        @Override
        public long read(long offset, int size) {
            return -1;
        }

        @Override
        public void write(long offset, int size, long value) {}

        @Override
        public boolean owns(int number) {
            return false;
        }

        @Override
        public long read(int number) throws MsrRefusal {
            throw new IllegalStateException("no register is owned");
        }

        @Override
        public void write(int number, long value) throws MsrRefusal {
            throw new IllegalStateException("no register is owned");
        }

        @Override
        public long now() {
            return 0x1234_5678_9ABCL;
        }

        @Override
        public void set(long value) {}

        @Override
        public long adjust() {
            return 0;
        }

        @Override
        public void adjust(long value) {}
    }
}
