package trefoil.softcpu.transfer;

import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.exception.Vector;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;
import trefoil.x86.segment.SystemType;
import trefoil.x86.segment.TaskState;

/** The stacks of inner levels, which the current task state names (Intel SDM Vol. 3, 5.8.5, 6.14.2, 6.14.5). */
final class InnerStack {
    private final Cpu cpu;
    private final Mmu mmu;
    private final Segments segments;

    /** What {@link #load} found. */
    int selector;

    long descriptor;
    long pointer;

    InnerStack(Cpu cpu, Mmu mmu, Segments segments) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.segments = segments;
    }

    /** Finds the stack of a level in a task state of 16 or 32 bits. @throws trefoil.softcpu.core.Fault #TS or #SS */
    void load(int level) {
        boolean small = SystemType.of(cpu.attributes[Cpu.TR], false).is16Bits();
        int size = small ? 2 : 4;
        int at = (small ? TaskState.SP0 : TaskState.ESP0) + 2 * size * level;
        pointer = task(at, size, size + 2);
        selector = (int) task(at + size, 2, 2);
        if (Selector.isNull(selector)) {
            throw cpu.fault(Vector.TS, 0);
        }
        descriptor = segments.stack(selector, level, Vector.TS);
    }

    /** RSP0 to RSP2. */
    long pointer64(int level) {
        return task(TaskState.RSP0 + 8 * level, 8, 8);
    }

    /** IST1 to IST7. */
    long interruptStack(int ist) {
        return task(TaskState.interruptStack(ist), 8, 8);
    }

    private long task(int at, int size, int needed) {
        if (at + needed - 1 > cpu.limit[Cpu.TR]) {
            throw segments.fault(Vector.TS, cpu.selector[Cpu.TR]);
        }
        return mmu.systemLoad(cpu.base[Cpu.TR] + at, size);
    }

    /** Sets SS and the pointer from what {@link #load} found; the pointer is where the frame ended. */
    void commit(long top) {
        segments.commit(Cpu.SS, selector, descriptor);
        Frame.pointer(cpu, Descriptor.isBig(descriptor) ? 0xFFFF_FFFFL : 0xFFFF, top);
    }

    /** SS of an inner level in IA-32e mode: null (6.14.2). */
    void commit64(int level, long top) {
        cpu.segment(Cpu.SS, level, 0, 0, 0);
        cpu.general(4, top);
    }
}
