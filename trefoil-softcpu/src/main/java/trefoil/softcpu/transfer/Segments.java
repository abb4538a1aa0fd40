package trefoil.softcpu.transfer;

import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.softcpu.mmu.Mmu;
import trefoil.x86.exception.SelectorErrorCode;
import trefoil.x86.exception.Vector;
import trefoil.x86.register.Rflags;
import trefoil.x86.segment.Descriptor;
import trefoil.x86.segment.Selector;
import trefoil.x86.segment.SystemType;
import trefoil.x86.state.SegmentState;

/** One processor's descriptor tables, and what loads segment registers from them (Intel SDM Vol. 3, 3.4, 5.4 to 5.6). */
public final class Segments {
    /** Attributes of a segment in virtual-8086 mode: present, of level 3, writable data (Vol. 3, 20.1). */
    static final int V86_ATTRIBUTES = 0xF3;

    private static final int REAL_ATTRIBUTES = 0x93;
    private static final int REAL_LIMIT = 0xFFFF;
    private static final int ACCESS_OCTET = 5;
    private static final long UPPER_TYPE = 0x1F00_0000_0000L;

    private final Cpu cpu;
    private final Mmu mmu;

    public Segments(Cpu cpu, Mmu mmu) {
        this.cpu = cpu;
        this.mmu = mmu;
    }

    // ---- tables ----

    /** A fault whose error code names a selector. */
    Fault fault(Vector vector, int selector) {
        return cpu.fault(vector, SelectorErrorCode.ofSelector(selector, false));
    }

    /** Linear address of a descriptor of {@code octets}. @throws Fault {@code bad} with the selector if it is not inside of its table */
    long address(int selector, int octets, Vector bad) {
        if (!isInside(selector, octets)) {
            throw fault(bad, selector);
        }
        return ((selector & Selector.TI) != 0 ? cpu.base[Cpu.LDTR] : cpu.gdtBase) + Selector.offset(selector);
    }

    /** Whether a selector's descriptor of 8 octets is inside of its table. */
    boolean isInside(int selector) {
        return isInside(selector, 8);
    }

    private boolean isInside(int selector, int octets) {
        boolean local = (selector & Selector.TI) != 0;
        long limit = local ? cpu.limit[Cpu.LDTR] : cpu.gdtLimit;
        boolean usable = !local || (cpu.attributes[Cpu.LDTR] & Cpu.ATTRIBUTE_P) != 0;
        return usable && Selector.offset(selector) + octets - 1 <= limit;
    }

    /** The descriptor of 8 octets that a selector names. */
    long descriptor(int selector, Vector bad) {
        return mmu.systemLoad(address(selector, 8, bad), 8);
    }

    /** The upper half of a descriptor of 16 octets, whose type must be 0 (Vol. 3, 5.8.3.1). */
    long upperHalf(int selector, Vector bad) {
        long upper = mmu.systemLoad(address(selector, 16, bad) + 8, 8);
        if ((upper & UPPER_TYPE) != 0) {
            throw fault(bad, selector);
        }
        return upper & 0xFFFF_FFFFL;
    }

    /** Sets a descriptor's accessed bit where it is clear (3.4.5.1). May fault. */
    void markAccessed(int selector, long descriptor) {
        if ((Descriptor.type(descriptor) & Descriptor.ACCESSED) == 0) {
            mark(selector, Descriptor.ACCESSED);
        }
    }

    /** Sets the busy bit of the descriptor of a task state (8.2.2). */
    void markBusy(int selector) {
        mark(selector, SystemType.BUSY);
    }

    /** Locked (9.1.2.1). */
    private void mark(int selector, int bit) {
        mmu.systemSet(address(selector, 8, Vector.GP) + ACCESS_OCTET, bit);
    }

    // ---- loads ----

    /**
     * Loads ES, SS, DS, FS or GS as MOV, POP and LDS do (Vol. 2, MOV).
     *
     * @throws Fault #GP, #NP, #SS of the selector, with nothing changed
     */
    public void load(int n, int selector) {
        if (!cpu.mode.hasDescriptors()) {
            loadReal(n, selector);
        } else if (n == Cpu.SS) {
            loadStack(selector);
        } else {
            loadData(n, selector, Vector.GP);
        }
    }

    /** A segment of the 8086: the base is 16 times the selector (Vol. 3, 20.1.1). In real mode the limit stays as it is. */
    void loadReal(int n, int selector) {
        if (cpu.isSet(Rflags.VM)) {
            cpu.segment(n, selector, (long) selector << 4, REAL_LIMIT, V86_ATTRIBUTES);
        } else {
            boolean usable = (cpu.attributes[n] & Cpu.ATTRIBUTE_P) != 0;
            cpu.segment(n, selector, (long) selector << 4, usable ? cpu.limit[n] : REAL_LIMIT, usable ? cpu.attributes[n] : REAL_ATTRIBUTES);
        }
    }

    private void loadStack(int selector) {
        if (Selector.isNull(selector)) {
            if (cpu.mode != Mode.LONG_64 || cpu.cpl == 3 || Selector.rpl(selector) != cpu.cpl) {
                throw cpu.gp();
            }
            loadNull(Cpu.SS, selector);
        } else {
            long descriptor = stack(selector, cpu.cpl, Vector.GP);
            commit(Cpu.SS, selector, descriptor);
        }
        cpu.modeChanged();
    }

    /** The descriptor of a stack of level {@code level}, marked accessed. @throws Fault {@code bad}, or #SS if it is not present */
    long stack(int selector, int level, Vector bad) {
        long descriptor = descriptor(selector, bad);
        if (Selector.rpl(selector) != level || Descriptor.dpl(descriptor) != level || !Descriptor.isWritable(descriptor)) {
            throw fault(bad, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw fault(Vector.SS, selector);
        }
        markAccessed(selector, descriptor);
        return descriptor;
    }

    /** Loads ES, DS, FS or GS from a descriptor. @throws Fault {@code bad}, or #NP */
    void loadData(int n, int selector, Vector bad) {
        if (Selector.isNull(selector)) {
            loadNull(n, selector);
            return;
        }
        long descriptor = descriptor(selector, bad);
        boolean forbidden = !Descriptor.isConforming(descriptor) && Math.max(Selector.rpl(selector), cpu.cpl) > Descriptor.dpl(descriptor);
        if (!Descriptor.isReadable(descriptor) || forbidden) {
            throw fault(bad, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw fault(Vector.NP, selector);
        }
        markAccessed(selector, descriptor);
        commit(n, selector, descriptor);
    }

    /** Makes a segment register unusable (3.4.2). */
    void loadNull(int n, int selector) {
        cpu.segment(n, selector, 0, 0, 0);
    }

    /** Sets register and hidden part from a descriptor that has been checked and marked. */
    void commit(int n, int selector, long descriptor) {
        cpu.segment(n, selector, Descriptor.base(descriptor), Descriptor.limit(descriptor), SegmentState.attributes(descriptor) | Descriptor.ACCESSED);
    }

    /** Sets CS: the level becomes the selector's RPL. */
    void commitCode(int selector, long descriptor, int level) {
        commit(Cpu.CS, selector & ~Selector.RPL | level, descriptor);
    }

    /** After CS, SS, the level or RFLAGS.VM have changed. */
    void changed(int level) {
        cpu.cpl = level;
        cpu.modeChanged();
        mmu.privilegeChanged();
    }

    /** Takes away the data segments that the new, outer level may not have (Vol. 2, RET, IRET). */
    void dropInnerData(int level) {
        dropInner(Cpu.ES, level);
        dropInner(Cpu.DS, level);
        dropInner(Cpu.FS, level);
        dropInner(Cpu.GS, level);
    }

    private void dropInner(int n, int level) {
        int attributes = cpu.attributes[n];
        int conformingCode = Descriptor.CODE | Descriptor.CONFORMING;
        boolean conforming = (attributes & conformingCode) == conformingCode;
        boolean usable = (attributes & Cpu.ATTRIBUTE_P) != 0;
        if (usable && !conforming && (attributes >> 5 & 3) < level) {
            cpu.segment(n, 0, cpu.base[n], cpu.limit[n], 0);
        }
    }

    // ---- system segments ----

    /** LLDT (Vol. 2). */
    void loadLocalTable(int selector) {
        if (Selector.isNull(selector)) {
            loadNull(Cpu.LDTR, selector);
        } else {
            loadLocalTable(selector, Vector.GP, Vector.NP);
        }
    }

    /** Loads LDTR; faults are {@code bad} and {@code absent}. */
    void loadLocalTable(int selector, Vector bad, Vector absent) {
        long descriptor = system(selector, bad);
        if (SystemType.of(Descriptor.type(descriptor), false) != SystemType.LDT) {
            throw fault(bad, selector);
        }
        loadSystem(Cpu.LDTR, selector, descriptor, bad, absent);
    }

    /** LTR (Vol. 2). */
    void loadTask(int selector) {
        if (Selector.isNull(selector)) {
            throw cpu.gp();
        }
        long descriptor = system(selector, Vector.GP);
        SystemType type = SystemType.of(Descriptor.type(descriptor), cpu.mode.isIa32e());
        if (type != SystemType.TSS_AVAILABLE && type != SystemType.TSS16_AVAILABLE) {
            throw fault(Vector.GP, selector);
        }
        loadSystem(Cpu.TR, selector, descriptor, Vector.GP, Vector.NP);
    }

    /** A descriptor in the GDT whose S is 0. */
    long system(int selector, Vector bad) {
        if ((selector & Selector.TI) != 0) {
            throw fault(bad, selector);
        }
        long descriptor = descriptor(selector, bad);
        if (Descriptor.isCodeOrData(descriptor)) {
            throw fault(bad, selector);
        }
        return descriptor;
    }

    private void loadSystem(int n, int selector, long descriptor, Vector bad, Vector absent) {
        boolean wide = cpu.mode.isIa32e();
        long upper = wide ? upperHalf(selector, bad) : 0;
        long base = Descriptor.base(descriptor, upper);
        if (wide && !mmu.isCanonical(base)) {
            throw fault(bad, selector);
        }
        if (!Descriptor.isPresent(descriptor)) {
            throw fault(absent, selector);
        }
        if (n == Cpu.TR) {
            markBusy(selector);
        }
        cpu.segment(n, selector, base, Descriptor.limit(descriptor), SegmentState.attributes(descriptor) | (n == Cpu.TR ? SystemType.BUSY : 0));
    }
}
