package trefoil.softcpu.transfer;

import java.util.function.LongPredicate;
import trefoil.softcpu.core.Block;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.exception.Vector;
import trefoil.x86.paging.PagingMode;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;
import trefoil.x86.segment.SystemType;
import trefoil.x86.segment.TaskState;

/**
 * Task switches (Intel SDM Vol. 3, chapter 8). There are none in IA-32e mode.
 *
 * <p>Faults before the switch is committed belong to the old task, and nothing has changed; faults in loading the new task's segments belong to the new one, whose EIP {@code cpu.rip} then holds.
 */
public final class Tasks {
    private static final int ACCESS_OCTET = 5;
    private static final int SAVED32 = TaskState.ES + 24 - TaskState.EIP;
    private static final int SAVED16 = TaskState.ES16 + 8 - TaskState.IP16;

    private final Cpu cpu;
    private final Mmu mmu;
    private final Segments segments;
    private final LongPredicate pointers;

    /** What the new task's state holds. */
    private final long[] general = new long[8];

    private final int[] selectors = new int[6];
    private long eip;
    private long eflags;
    private long cr3;
    private int ldt;
    private boolean trap;

    /** @param pointers loads the page-directory-pointer registers of PAE paging from where CR3 points to; false if they are not valid (4.4.1) */
    public Tasks(Cpu cpu, Mmu mmu, Segments segments, LongPredicate pointers) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.segments = segments;
        this.pointers = pointers;
    }

    /** How a task is entered: what becomes of busy bits, NT and the link (table 8-2). */
    enum Way {
        JUMP,
        CALL,
        RETURN
    }

    /** Descriptor of a task state that is available. */
    long available(int selector, Vector bad) {
        long descriptor = segments.system(selector, bad);
        SystemType type = SystemType.of(Descriptor.type(descriptor), cpu.mode.isIa32e());
        return present(selector, descriptor, bad, type == SystemType.TSS_AVAILABLE || type == SystemType.TSS16_AVAILABLE);
    }

    private long present(int selector, long descriptor, Vector bad, boolean right) {
        if (!right || cpu.mode.isIa32e()) {
            throw segments.fault(bad, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
        return descriptor;
    }

    /** IRET with NT: back to the task that the current one's link names. */
    void returnToLink() {
        int selector = (int) mmu.systemLoad(cpu.base[Cpu.TR] + TaskState.LINK, 2);
        if (Selector.isNull(selector)) {
            throw segments.fault(Vector.TS, selector);
        }
        long descriptor = segments.system(selector, Vector.TS);
        SystemType type = SystemType.of(Descriptor.type(descriptor), false);
        present(selector, descriptor, Vector.TS, type == SystemType.TSS_BUSY || type == SystemType.TSS16_BUSY);
        enter(selector, descriptor, Way.RETURN, cpu.nextRip, cpu.rflags() & ~Rflags.NT);
    }

    /**
     * Switches (8.3).
     *
     * @param back offset that the old task goes on at
     * @param image the old task's flags
     */
    void enter(int selector, long descriptor, Way way, long back, long image) {
        long base = Descriptor.base(descriptor);
        boolean small = is16Bits(Descriptor.type(descriptor));
        if (Descriptor.limit(descriptor) < (small ? TaskState.MINIMUM_LIMIT16 : TaskState.MINIMUM_LIMIT)) {
            throw segments.fault(Vector.TS, selector);
        }
        boolean oldSmall = is16Bits(cpu.attributes[Cpu.TR]);
        if (small) {
            read16(base);
        } else {
            read32(base);
        }
        probe(base, way, oldSmall, selector);
        loadPointers(selector, small);
        save(oldSmall, back, image);
        link(selector, base, way);
        commit(selector, descriptor, way, small);
        loadSegments();
    }

    private static boolean is16Bits(int type) {
        return SystemType.of(type, false).is16Bits();
    }

    // ---- the new state ----

    private long word(long at) {
        return mmu.systemLoad(at, 2);
    }

    private long doubleword(long at) {
        return mmu.systemLoad(at, 4);
    }

    private void read32(long base) {
        cr3 = doubleword(base + TaskState.CR3);
        eip = doubleword(base + TaskState.EIP);
        eflags = doubleword(base + TaskState.EFLAGS);
        for (int n = 0; n < 8; n++) {
            general[n] = doubleword(base + TaskState.EAX + 4 * n);
        }
        for (int n = 0; n < 6; n++) {
            selectors[n] = (int) word(base + TaskState.ES + 4 * n);
        }
        ldt = (int) word(base + TaskState.LDT);
        trap = (word(base + TaskState.TRAP) & 1) != 0;
    }

    private void read16(long base) {
        cr3 = cpu.cr3;
        eip = word(base + TaskState.IP16);
        eflags = word(base + TaskState.FLAGS16);
        for (int n = 0; n < 8; n++) {
            general[n] = cpu.general(n) & 0xFFFF_0000L | word(base + TaskState.AX16 + 2 * n);
        }
        for (int n = 0; n < 6; n++) {
            selectors[n] = n < Cpu.FS ? (int) word(base + TaskState.ES16 + 2 * n) : 0;
        }
        ldt = (int) word(base + TaskState.LDT16);
        trap = false;
    }

    // ---- the old state ----

    private void probe(long base, Way way, boolean oldSmall, int selector) {
        long old = cpu.base[Cpu.TR];
        int first = oldSmall ? TaskState.IP16 : TaskState.EIP;
        int octets = oldSmall ? SAVED16 : SAVED32;
        if (first + octets - 1 > cpu.limit[Cpu.TR]) {
            throw segments.fault(Vector.TS, cpu.selector[Cpu.TR]);
        }
        mmu.systemProbeWrite(old + first, octets);
        mmu.systemProbeWrite(access(cpu.selector[Cpu.TR]), 1);
        mmu.systemProbeWrite(access(selector), 1);
        if (way == Way.CALL) {
            mmu.systemProbeWrite(base + TaskState.LINK, 2);
        }
    }

    /** The last thing that may refuse the switch. A task state of 16 bits has no CR3. */
    private void loadPointers(int selector, boolean small) {
        boolean pae = PagingMode.of(cpu.cr0, cpu.cr4, cpu.efer) == PagingMode.PAE;
        if (pae && !small && !pointers.test(cr3)) {
            throw segments.fault(Vector.TS, selector);
        }
    }

    private void save(boolean small, long back, long image) {
        long base = cpu.base[Cpu.TR];
        int size = small ? 2 : 4;
        mmu.systemStore(base + (small ? TaskState.IP16 : TaskState.EIP), size, back);
        mmu.systemStore(base + (small ? TaskState.FLAGS16 : TaskState.EFLAGS), size, image);
        long at = base + (small ? TaskState.AX16 : TaskState.EAX);
        for (int n = 0; n < 8; n++) {
            mmu.systemStore(at + size * n, size, cpu.general(n));
        }
        at = base + (small ? TaskState.ES16 : TaskState.ES);
        for (int n = 0; n < (small ? Cpu.FS : 6); n++) {
            mmu.systemStore(at + size * n, 2, cpu.selector[n]);
        }
    }

    private long access(int selector) {
        return segments.address(selector, 8, Vector.TS) + ACCESS_OCTET;
    }

    private void link(int selector, long base, Way way) {
        if (way != Way.CALL) {
            long old = access(cpu.selector[Cpu.TR]);
            mmu.systemStore(old, 1, mmu.systemLoad(old, 1) & ~SystemType.BUSY);
        } else {
            mmu.systemStore(base + TaskState.LINK, 2, cpu.selector[Cpu.TR]);
        }
        if (way != Way.RETURN) {
            long next = access(selector);
            mmu.systemStore(next, 1, mmu.systemLoad(next, 1) | SystemType.BUSY);
        }
    }

    // ---- the switch ----

    private void commit(int selector, long descriptor, Way way, boolean small) {
        segments.commit(Cpu.TR, selector, descriptor);
        cpu.attributes[Cpu.TR] = (small ? 0x83 : 0x8B) | cpu.attributes[Cpu.TR] & 0xF000;
        cpu.cr0 |= ControlRegisters.CR0_TS;
        for (int n = 0; n < 8; n++) {
            cpu.write(Block.GENERAL + 8 * n, 4, general[n]);
        }
        flags(way == Way.CALL ? eflags | Rflags.NT : eflags);
        cpu.rip = eip;
        cpu.nextRip = eip;
        cpu.dr[7] &= ~(long) (DebugRegisters.DR7_LOCAL | 1 << 8);
        mmu.breakpointsChanged();
        if ((cpu.cr0 & ControlRegisters.CR0_PG) != 0 && !small) {
            cpu.cr3 = cr3;
            mmu.tableChanged(false);
        }
        if (trap) {
            cpu.pendingDebug |= DebugRegisters.DR6_BT;
        }
    }

    private void flags(long value) {
        cpu.status((int) value);
        cpu.systemFlags = value & (Rflags.DEFINED & ~Rflags.STATUS) | Rflags.ALWAYS;
        cpu.attend(Cpu.SELF);
    }

    /** The hidden parts of the new task's segments (8.3, steps 11 to 15). */
    private void loadSegments() {
        boolean v86 = cpu.isSet(Rflags.VM);
        int level = v86 ? 3 : Selector.rpl(selectors[Cpu.CS]);
        for (int n = 0; n < 6; n++) {
            cpu.segment(n, selectors[n], 0, 0, 0);
        }
        cpu.segment(Cpu.LDTR, ldt, 0, 0, 0);
        segments.changed(level);
        loadLocalTable();
        if (v86) {
            for (int n = 0; n < 6; n++) {
                segments.loadReal(n, selectors[n]);
            }
        } else {
            loadFromDescriptors(level);
        }
        segments.changed(level);
        if (eip > cpu.limit[Cpu.CS]) {
            throw cpu.gp();
        }
    }

    private void loadLocalTable() {
        if (!Selector.isNull(ldt)) {
            segments.loadLocalTable(ldt, Vector.TS, Vector.TS);
        }
    }

    private void loadFromDescriptors(int level) {
        int selector = selectors[Cpu.CS];
        long descriptor = code(selector, level);
        segments.commitCode(selector, descriptor, level);
        int stack = selectors[Cpu.SS];
        if (Selector.isNull(stack)) {
            throw segments.fault(Vector.TS, stack);
        }
        segments.commit(Cpu.SS, stack, segments.stack(stack, level, Vector.TS));
        segments.changed(level);
        segments.loadData(Cpu.DS, selectors[Cpu.DS], Vector.TS);
        segments.loadData(Cpu.ES, selectors[Cpu.ES], Vector.TS);
        segments.loadData(Cpu.FS, selectors[Cpu.FS], Vector.TS);
        segments.loadData(Cpu.GS, selectors[Cpu.GS], Vector.TS);
    }

    private long code(int selector, int level) {
        if (Selector.isNull(selector)) {
            throw segments.fault(Vector.TS, selector);
        }
        long descriptor = segments.descriptor(selector, Vector.TS);
        int dpl = Descriptor.dpl(descriptor);
        if (!Descriptor.isCode(descriptor) || (Descriptor.isConforming(descriptor) ? dpl > level : dpl != level)) {
            throw segments.fault(Vector.TS, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw segments.fault(Vector.NP, selector);
        }
        segments.markAccessed(selector, descriptor);
        return descriptor;
    }
}
