package trefoil.softcpu.transfer;

import trefoil.machine.GuestMemoryFault;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.fixture.Lab;
import trefoil.x86.segment.Descriptor;

/** A laboratory with GDT, IDT and task state in its memory. */
final class Tables implements AutoCloseable {
    static final long GDT = 0x1000;
    static final long IDT = 0x2000;
    static final long TSS = 0x4000;
    static final long TSS2 = 0x5000;
    static final long LDT = 0x6000;

    static final int CODE64 = 0x08;
    static final int DATA0 = 0x10;
    static final int CODE32 = 0x18;
    static final int USER_CODE32 = 0x23;
    static final int USER_DATA = 0x2B;
    static final int USER_CODE64 = 0x33;
    static final int TASK = 0x40;
    static final int TASK2 = 0x50;
    static final int LOCAL = 0x60;
    static final int CODE16 = 0x70;
    static final int ABSENT_DATA = 0x78;
    static final int READ_ONLY = 0x80;
    static final int CONFORMING = 0x88;
    static final int GATE = 0x90;
    static final int DATA16 = 0xA0;
    static final int ABSENT_CODE = 0xA8;
    static final int EXECUTE_ONLY = 0xB0;
    static final int TASK16 = 0xB8;
    static final int TASK_GATE = 0xC0;

    final Lab lab = new Lab();
    final Cpu cpu = lab.cpu;
    final Segments segments = new Segments(cpu, lab.mmu);
    final Tasks tasks = new Tasks(cpu, lab.mmu, segments, this::pointers);
    final Delivery delivery = new Delivery(cpu, lab.mmu, segments, tasks);

    /** CR3 of the last task with PAE paging; 0x3000 is refused. */
    long pointedTo;

    Tables() {
        lab.with(new FarTransfers(cpu, lab.mmu, lab.operands, segments, tasks, delivery));
        lab.with(new SegmentInstructions(cpu, lab.mmu, lab.operands, segments));
    }

    private boolean pointers(long cr3) {
        pointedTo = cr3;
        return cr3 != 0x3000;
    }

    Tables protected32() {
        lab.protected32();
        fill();
        cpu.segment(Cpu.CS, CODE32, 0, 0xFFFF_FFFFL, 0xC09B);
        task(0x8B);
        cpu.modeChanged();
        put(TSS + 4, 4, 0x9000);
        put(TSS + 8, 4, DATA0);
        return this;
    }

    Tables long64() {
        lab.long64();
        fill();
        task(0x8B);
        put(TSS + 4, 8, 0x9008);
        put(TSS + 36, 8, 0xA000);
        return this;
    }

    private void task(int attributes) {
        cpu.segment(Cpu.TR, TASK, TSS, 0x67, attributes);
        cpu.general(4, 0x8000);
        cpu.rip = 0x700;
        cpu.gdtBase = GDT;
        cpu.gdtLimit = 0xFF;
        cpu.idtBase = IDT;
        cpu.idtLimit = 0xFFF;
    }

    private void fill() {
        segment(CODE64, 0, 0xFFFFF, 0x9A, 0xA);
        segment(DATA0, 0, 0xFFFFF, 0x92, 0xC);
        segment(CODE32, 0, 0xFFFFF, 0x9A, 0xC);
        segment(USER_CODE32, 0, 0xFFFFF, 0xFA, 0xC);
        segment(USER_DATA, 0, 0xFFFFF, 0xF2, 0xC);
        segment(USER_CODE64, 0, 0xFFFFF, 0xFA, 0xA);
        segment(TASK, TSS, 0x67, 0x8B, 0);
        segment(TASK2, TSS2, 0x67, 0x89, 0);
        segment(LOCAL, LDT, 0x1F, 0x82, 0);
        segment(CODE16, 0x10000, 0xFFFF, 0x9A, 0);
        segment(ABSENT_DATA, 0, 0xFFFFF, 0x12, 0xC);
        segment(READ_ONLY, 0, 0xFFFFF, 0x90, 0xC);
        segment(CONFORMING, 0, 0xFFFFF, 0x9E, 0xC);
        segment(DATA16, 0x20000, 0xFFFF, 0x92, 0);
        segment(ABSENT_CODE, 0, 0xFFFFF, 0x1A, 0xC);
        segment(EXECUTE_ONLY, 0, 0xFFFFF, 0x98, 0xC);
        segment(TASK16, TSS2, 0x2B, 0x81, 0);
    }

    void segment(int selector, long base, int limit, int access, int flags) {
        put(GDT + (selector & ~7), 8, Descriptor.of(base, limit, access, flags));
    }

    static long descriptorOfGate(int selector, long offset, int access, int low) {
        return offset & 0xFFFF | (long) selector << 16 | (long) low << 32 | (long) access << 40 | (offset & 0xFFFF_0000L) << 32;
    }

    void gate(int vector, int selector, long offset, int access) {
        put(IDT + 8L * vector, 8, descriptorOfGate(selector, offset, access, 0));
    }

    void gate64(int vector, int selector, long offset, int access, int ist) {
        put(IDT + 16L * vector, 8, descriptorOfGate(selector, offset, access, ist));
        put(IDT + 16L * vector + 8, 8, offset >>> 32);
    }

    void user(int code, int attributes) {
        cpu.segment(Cpu.CS, code, 0, 0xFFFF_FFFFL, attributes);
        for (int n : new int[] {Cpu.SS, Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS}) {
            cpu.segment(n, USER_DATA, 0, 0xFFFF_FFFFL, 0xC0F3);
        }
        segments.changed(3);
    }

    Tables user32() {
        user(USER_CODE32, 0xC0FB);
        return this;
    }

    Tables user64() {
        user(USER_CODE64, 0xA0FB);
        return this;
    }

    Tables v86() {
        cpu.systemFlags |= trefoil.x86.register.Rflags.VM;
        for (int n = 0; n < 6; n++) {
            segments.loadReal(n, 0x1000 + n);
        }
        segments.changed(3);
        return this;
    }

    void put(long address, int size, long value) {
        try {
            byte[] octets = new byte[size];
            for (int n = 0; n < size; n++) {
                octets[n] = (byte) (value >>> 8 * n);
            }
            lab.memory.write(address, octets, 0, size);
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    long get(long address, int size) {
        try {
            byte[] octets = new byte[size];
            lab.memory.read(address, octets, 0, size);
            long value = 0;
            for (int n = 0; n < size; n++) {
                value |= (octets[n] & 0xFFL) << 8 * n;
            }
            return value;
        } catch (GuestMemoryFault e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
