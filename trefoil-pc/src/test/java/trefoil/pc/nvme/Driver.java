package trefoil.pc.nvme;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.BooleanSupplier;
import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.machine.MemoryRegion;
import trefoil.machine.fake.ManualClock;
import trefoil.machine.fake.ProbeLine;
import trefoil.machine.fake.ProbeSink;

/** A small driver, with 4 MiB of memory: queue n has its submissions at 0x10000 + n * 0x2000, its completions 0x1000 further; data is from {@link #DATA} on. */
final class Driver {
    static final long BAR = 0xC000_0000L;
    static final long MSIX = 0xC010_0000L;
    static final long RINGS = 0x10000;
    static final long DATA = 0x100000;
    static final long LIST = 0x80000;
    static final int RAM = 0x400000;
    static final int ENTRIES = 8;

    /** What came of a command. */
    record Answer(int result, int status, int command, int queue, int head) {
        /** Status code type and code. */
        int code() {
            return status & 0x7FF;
        }
    }

    final Bus bus = new Bus();
    final GuestMemory memory;
    final ProbeLine line = new ProbeLine();
    final ProbeSink sink = new ProbeSink();
    final RamDisk disk;
    final NvmeController controller;
    final int[] tails = new int[17];
    final int[] heads = new int[17];
    final boolean[] phases = new boolean[17];
    int nextCommand = 100;

    Driver() {
        this(new RamDisk(), new GuestMemory(List.of(MemoryRegion.ram(0, Arena.ofAuto().allocate(RAM, 4096)))));
    }

    Driver(RamDisk disk, GuestMemory memory) {
        this.disk = disk;
        this.memory = memory;
        this.controller = new NvmeController(disk, "disk0", memory, bus, sink, line, new ManualClock());
    }

    Driver plug() {
        controller.config().write(0x10, 4, (int) BAR);
        controller.config().write(0x18, 4, (int) MSIX);
        controller.config().write(4, 2, 6);
        return this;
    }

    /** The other side of a snapshot: the same place in all rings. */
    Driver like(Driver other) {
        System.arraycopy(other.tails, 0, tails, 0, tails.length);
        System.arraycopy(other.heads, 0, heads, 0, heads.length);
        System.arraycopy(other.phases, 0, phases, 0, phases.length);
        return this;
    }

    // ---- registers ----

    int get(int offset) {
        return (int) bus.read(BAR + offset, 4);
    }

    void set(int offset, int value) {
        bus.write(BAR + offset, 4, value & 0xFFFF_FFFFL);
    }

    int status() {
        return get(0x1C);
    }

    static long submissions(int queue) {
        return RINGS + 0x2000L * queue;
    }

    static long completions(int queue) {
        return submissions(queue) + 0x1000;
    }

    void anew(int queue) {
        tails[queue] = heads[queue] = 0;
        phases[queue] = true;
        fill(submissions(queue), 0x2000, 0);
    }

    /** Waits for CSTS.RDY to fall; of a shutdown before there may be signs still. */
    Driver disable() {
        set(0x14, 0);
        await(() -> (status() & 3) == 0);
        return this;
    }

    /** 7.6.1, up to CSTS.RDY. */
    Driver enable() {
        anew(0);
        set(0x24, ENTRIES - 1 << 16 | ENTRIES - 1);
        bus.write(BAR + 0x28, 8, submissions(0));
        bus.write(BAR + 0x30, 8, completions(0));
        set(0x14, 0x0046_0001);
        await(() -> (status() & 1) != 0);
        return this;
    }

    /** A pair of queues. */
    Driver pair(int queue) {
        anew(queue);
        check(createCompletion(queue, ENTRIES, completions(queue), 3).status == 0, "a completion queue");
        check(createSubmission(queue, ENTRIES, submissions(queue), queue << 16 | 1).status == 0, "a submission queue");
        return this;
    }

    Answer createCompletion(int queue, int entries, long base, int dw11) {
        return admin(0x05, 0, base, entries - 1 << 16 | queue, dw11);
    }

    Answer createSubmission(int queue, int entries, long base, int dw11) {
        return admin(0x01, 0, base, entries - 1 << 16 | queue, dw11);
    }

    static Driver ready() {
        return new Driver().plug().enable().pair(1);
    }

    void enableMsix(int vectors) {
        int at = controller.config().read(0x34, 1);
        while (controller.config().read(at, 1) != 0x11) {
            at = controller.config().read(at + 1, 1);
        }
        for (int vector = 0; vector < vectors; vector++) {
            bus.write(MSIX + 16 * vector, 8, 0xFEE0_0000L);
            bus.write(MSIX + 16 * vector + 8, 8, 0x40 + vector);
        }
        controller.config().write(at + 2, 2, 0x8000);
    }

    // ---- commands ----

    /** Puts an entry into a queue and rings. */
    int submit(int queue, byte[] entry) {
        put(submissions(queue) + 64L * tails[queue], entry);
        tails[queue] = (tails[queue] + 1) % ENTRIES;
        set(0x1000 + 8 * queue, tails[queue]);
        return ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).getShort(2) & 0xFFFF;
    }

    ByteBuffer entry(int opcode, int namespace, long prp1, long prp2, int dw10, int dw11, int dw12) {
        ByteBuffer entry = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putShort(2, (short) nextCommand++).put(0, (byte) opcode).putInt(4, namespace);
        return entry.putLong(24, prp1).putLong(32, prp2).putInt(40, dw10).putInt(44, dw11).putInt(48, dw12);
    }

    boolean isAnswered(int queue) {
        return (word(completions(queue) + 16L * heads[queue] + 12) >> 16 & 1) == (phases[queue] ? 1 : 0);
    }

    /** Waits for the next completion and consumes it. */
    Answer take(int queue) {
        Answer answer = peek(queue);
        heads[queue] = (heads[queue] + 1) % ENTRIES;
        phases[queue] ^= heads[queue] == 0;
        set(0x1004 + 8 * queue, heads[queue]);
        return answer;
    }

    private Answer peek(int queue) {
        await(() -> isAnswered(queue));
        long at = completions(queue) + 16L * heads[queue];
        int last = word(at + 12);
        int where = word(at + 8);
        return new Answer(word(at), last >>> 17, last & 0xFFFF, where >>> 16, where & 0xFFFF);
    }

    Answer execute(int queue, byte[] entry) {
        int command = submit(queue, entry);
        Answer answer = take(queue);
        check(answer.command == command && answer.queue == queue && answer.head == tails[queue], "the answer: " + answer);
        return answer;
    }

    Answer admin(int opcode, int namespace, long prp1, int dw10, int dw11) {
        return execute(0, entry(opcode, namespace, prp1, 0, dw10, dw11, 0).array());
    }

    /** A read, write and the like of up to two pages, or with a list. */
    Answer io(int opcode, long block, int blocks, long prp1, long prp2, int flags) {
        return execute(1, entry(opcode, 1, prp1, prp2, (int) block, (int) (block >>> 32), blocks - 1 | flags).array());
    }

    byte[] identify(int what, int namespace) {
        check(admin(0x06, namespace, DATA, what, 0).status == 0, "identified");
        return bytes(DATA, 4096);
    }

    byte[] log(int number, int length, int flags) {
        Answer answer = admin(0x02, -1, DATA, (length / 4 - 1) << 16 | flags | number, 0);
        check(answer.status == 0, "a log page: " + answer);
        return bytes(DATA, length);
    }

    // ---- memory ----

    int word(long address) {
        try {
            return memory.getIntAcquire(address);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    void put(long address, byte[] bytes) {
        try {
            memory.write(address, bytes, 0, bytes.length);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    void putLongs(long address, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        put(address, bytes.array());
    }

    void fill(long address, int length, int value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        put(address, bytes);
    }

    byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        try {
            memory.read(address, bytes, 0, length);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
        return bytes;
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() < end, "in time");
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    static void check(boolean good, String what) {
        if (!good) {
            throw new AssertionError("not " + what);
        }
    }
}
