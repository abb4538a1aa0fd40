package trefoil.softcpu.mmu;

import java.lang.foreign.Arena;
import java.util.function.LongUnaryOperator;
import trefoil.engine.LocalPage;
import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.softcpu.core.Mode;
import trefoil.x86.cpuid.CpuFeature;
import trefoil.x86.cpuid.CpuidPolicy;
import trefoil.x86.cpuid.CpuidState;
import trefoil.x86.exception.Vector;
import trefoil.x86.paging.PagingMode;
import trefoil.x86.register.ControlRegisters;
import trefoil.x86.register.DebugRegisters;
import trefoil.x86.register.Rflags;

/**
 * One processor's loads and stores at linear addresses, which segmentation has made. What a load gives is zero-extended; a store takes the low octets. Each may throw {@link Fault}: #PF, #GP(0) for an address that is
 * not canonical, #AC; nothing has been stored then.
 *
 * <p>The current privilege level and RFLAGS.AC decide what is allowed ({@link #privilegeChanged}); {@code system} accesses are the processor's own to descriptor tables and task states, always a supervisor's
 * (Intel SDM Vol. 3, 4.6). Used by the processor's thread only, but for {@link #protect}, to be called while that thread is not within an instruction ({@link Exclusion}).
 *
 * <p>Loads acquire and stores release, which is the order of x86 (9.2.2): the host's processor keeps it by itself, and the compiler may not undo it. Where an access is aligned, or lies in one line of the cache, it is whole (9.1.1).
 */
public final class Mmu {
    private static final long PAGE_MASK = -GuestMemory.PAGE_SIZE;

    private final Cpu cpu;
    private final GuestMemory memory;
    private final Bus bus;
    private final CodePages code;
    private final Tlb tlb;
    private final PageWalker walker;
    private final LocalPage local;
    private final LockedUpdate locked;

    /** Table of the class of access that is current, and that of the processor's own. */
    private long table;

    private long systemTable;
    private int accessClass;
    private int linearBits = 48;
    private boolean watching;
    /** The access is the processor's own: its addresses have 64 bits in compatibility mode too. */
    private boolean implicit;
    /** Physical address that {@link #lockable} gave, if there is code in its page; else -1. */
    private long lockedCode = -1;

    /**
     * @param member the processor, among those of its machine
     * @param arena where the TLB lives, as long as the processor
     */
    public Mmu(Cpu cpu, GuestMemory memory, Bus bus, CodePages code, Exclusion.Member member, LocalPage local, CpuidPolicy cpuid, Arena arena) {
        this.cpu = cpu;
        this.memory = memory;
        this.bus = bus;
        this.code = code;
        this.local = local;
        this.locked = new LockedUpdate(this, code, member);
        this.tlb = new Tlb(arena);
        int physicalBits = cpuid.answer(0x8000_0008, 0, CpuidState.RESET).eax() & 0xFF;
        this.walker = new PageWalker(cpu, memory, bus, code, physicalBits, cpuid.has(CpuFeature.PAGE1GB));
        privilegeChanged();
    }

    // ---- what changes the meaning of addresses ----

    /** To be called when CPL, RFLAGS.AC, CR0.AM or CR4.SMAP have changed. */
    public void privilegeChanged() {
        boolean ac = cpu.isSet(Rflags.AC);
        if (watching) {
            accessClass = Tlb.CHECKED;
        } else if (cpu.cpl == 3) {
            accessClass = ac && (cpu.cr0 & ControlRegisters.CR0_AM) != 0 ? Tlb.CHECKED : Tlb.USER;
        } else {
            accessClass = ac || (cpu.cr4 & ControlRegisters.CR4_SMAP) == 0 ? Tlb.SUPERVISOR : Tlb.SUPERVISOR_SMAP;
        }
        table = tlb.table(accessClass);
        systemTable = tlb.table(Tlb.SUPERVISOR_SMAP);
    }

    /** To be called when DR7 or DR0 to DR3 have changed: while breakpoints on data are enabled, each access is compared with them. */
    public void breakpointsChanged() {
        boolean any = false;
        for (int n = 0; n < 4; n++) {
            DebugRegisters.Condition condition = DebugRegisters.condition(cpu.dr[7], n);
            any |= DebugRegisters.isEnabled(cpu.dr[7], n) && (condition == DebugRegisters.Condition.WRITE || condition == DebugRegisters.Condition.ACCESS);
        }
        watching = any;
        privilegeChanged();
    }

    /** To be called when CR0.PG, CR0.WP, CR4.PSE, PAE, PGE, SMEP, SMAP, LA57, EFER.LMA or NXE have changed: forgets all translations. */
    public void pagingChanged() {
        PagingMode paging = PagingMode.of(cpu.cr0, cpu.cr4, cpu.efer);
        linearBits = paging == PagingMode.LEVEL5 ? 57 : 48;
        tlb.flushAll();
        selectContext();
    }

    private void selectContext() {
        tlb.select((cpu.cr4 & ControlRegisters.CR4_PCIDE) != 0 ? (int) (cpu.cr3 & ControlRegisters.CR3_PCID) : 0);
        privilegeChanged();
    }

    /** To be called when CR3 was loaded: selects the address space, and forgets its translations unless told to keep them (CR4.PCIDE and bit 63 of the source). */
    public void tableChanged(boolean keep) {
        selectContext();
        if (!keep) {
            tlb.flush();
        }
    }

    /** INVLPG. */
    public void invalidate(long address) {
        tlb.invalidate(address);
    }

    /** INVPCID of one address. */
    public void invalidate(int pcid, long address) {
        tlb.invalidateIn(pcid, address);
    }

    /** INVPCID of one address space. */
    public void invalidatePcid(int pcid) {
        tlb.flushPcid(pcid);
    }

    /** Forgets all translations, of all address spaces, global ones too. */
    public void invalidateAll() {
        tlb.flushAll();
        selectContext();
    }

    /** Takes away the right to write a physical page without coming by {@link CodePages}. */
    public void protect(long page) {
        tlb.protect(page);
    }

    /** Changes whenever translations may have; together with the privilege level a key for what was derived from them. */
    public long epoch() {
        return tlb.epoch();
    }

    /** Linear addresses that 64-bit mode accepts: 48 or 57 bits. */
    public int linearBits() {
        return linearBits;
    }

    // ---- loads ----

    public long load8(long a) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry) == (a & PAGE_MASK)) {
            return RawMemory.getByteAcquire(a + RawMemory.getLong(entry + Tlb.ADDEND)) & 0xFFL;
        }
        return slowLoad(a, 1);
    }

    public long load16(long a) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry) == (a + 1 & PAGE_MASK)) {
            return RawMemory.getShortAcquire(a + RawMemory.getLong(entry + Tlb.ADDEND)) & 0xFFFFL;
        }
        return slowLoad(a, 2);
    }

    public long load32(long a) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry) == (a + 3 & PAGE_MASK)) {
            return RawMemory.getIntAcquire(a + RawMemory.getLong(entry + Tlb.ADDEND)) & 0xFFFF_FFFFL;
        }
        return slowLoad(a, 4);
    }

    public long load64(long a) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry) == (a + 7 & PAGE_MASK)) {
            return RawMemory.getLongAcquire(a + RawMemory.getLong(entry + Tlb.ADDEND));
        }
        return slowLoad(a, 8);
    }

    /** Of 1, 2, 4 or 8 octets. */
    public long load(long a, int size) {
        return switch (size) {
            case 1 -> load8(a);
            case 2 -> load16(a);
            case 4 -> load32(a);
            default -> load64(a);
        };
    }

    // ---- stores ----

    public void store8(long a, long value) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry + Tlb.WRITE) == (a & PAGE_MASK)) {
            RawMemory.putByteRelease(a + RawMemory.getLong(entry + Tlb.ADDEND), (byte) value);
        } else {
            slowStore(a, 1, value);
        }
    }

    public void store16(long a, long value) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry + Tlb.WRITE) == (a + 1 & PAGE_MASK)) {
            RawMemory.putShortRelease(a + RawMemory.getLong(entry + Tlb.ADDEND), (short) value);
        } else {
            slowStore(a, 2, value);
        }
    }

    public void store32(long a, long value) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry + Tlb.WRITE) == (a + 3 & PAGE_MASK)) {
            RawMemory.putIntRelease(a + RawMemory.getLong(entry + Tlb.ADDEND), (int) value);
        } else {
            slowStore(a, 4, value);
        }
    }

    public void store64(long a, long value) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry + Tlb.WRITE) == (a + 7 & PAGE_MASK)) {
            RawMemory.putLongRelease(a + RawMemory.getLong(entry + Tlb.ADDEND), value);
        } else {
            slowStore(a, 8, value);
        }
    }

    /** Of 1, 2, 4 or 8 octets. */
    public void store(long a, int size, long value) {
        switch (size) {
            case 1 -> store8(a, value);
            case 2 -> store16(a, value);
            case 4 -> store32(a, value);
            default -> store64(a, value);
        }
    }

    // ---- locked ----

    /** Reads 1, 2, 4 or 8 octets, changes them, writes them back: in one step for all processors, and as a full fence. {@code change} gets them zero-extended, and may be asked more than once. Throws what a store would. */
    public void update(long a, int size, LongUnaryOperator change) {
        locked.apply(a, size, change);
    }

    /** Does something while no other processor is within an instruction. It may fault. */
    public void alone(Runnable what) {
        locked.alone(what);
    }

    /** As {@link #writable}, but pages with code too: then {@link #lockedCode} is to be told of the change. */
    long lockable(long a, int size) {
        lockedCode = -1;
        long host = writable(a, size);
        if (host != 0 || accessClass == Tlb.CHECKED) {
            return host;
        }
        long physical = translate(a, Access.WRITE);
        if ((physical & PAGE_MASK) == local.address() || !code.hasCode(physical)) {
            return 0;
        }
        lockedCode = physical;
        return memory.writableHost(physical);
    }

    long lockedCode() {
        return lockedCode;
    }

    // ---- host memory ----

    /**
     * Host address of {@code size} octets, up to 4096, that may be read there, valid until the next access or change of translation; 0 if they are not all in one page of memory, or are watched. Throws what a load would.
     */
    public long readable(long a, int size) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry) == (a + size - 1 & PAGE_MASK)) {
            return a + RawMemory.getLong(entry + Tlb.ADDEND);
        }
        return slowHost(a, size, Access.READ);
    }

    /** As {@link #readable}, to be written (and read); 0 for ROM and for pages with decoded code also: then {@link #store} does it. Throws what a store would. */
    public long writable(long a, int size) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry + Tlb.WRITE) == (a + size - 1 & PAGE_MASK)) {
            return a + RawMemory.getLong(entry + Tlb.ADDEND);
        }
        return slowHost(a, size, Access.WRITE);
    }

    /** Throws what a store of {@code size} octets there would, and does nothing else. */
    public void probeWrite(long a, int size) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry + Tlb.WRITE) != (a + size - 1 & PAGE_MASK)) {
            probe(a, size, Access.WRITE);
        }
    }

    /** Throws what a load of {@code size} octets there would. */
    public void probeRead(long a, int size) {
        long entry = table + (a >>> 7 & Tlb.INDEX_MASK);
        if (RawMemory.getLong(entry) != (a + size - 1 & PAGE_MASK)) {
            probe(a, size, Access.READ);
        }
    }

    // ---- the processor's own accesses: descriptor tables, task states, interrupt stacks of another level ----

    /** A supervisor's load, whatever the privilege level. */
    public long systemLoad(long a, int size) {
        long before = table;
        int beforeClass = accessClass;
        table = systemTable;
        accessClass = Tlb.SUPERVISOR_SMAP;
        implicit = true;
        try {
            return load(a, size);
        } finally {
            implicit = false;
            table = before;
            accessClass = beforeClass;
        }
    }

    /** A supervisor's store. */
    public void systemStore(long a, int size, long value) {
        long before = table;
        int beforeClass = accessClass;
        table = systemTable;
        accessClass = Tlb.SUPERVISOR_SMAP;
        implicit = true;
        try {
            store(a, size, value);
        } finally {
            implicit = false;
            table = before;
            accessClass = beforeClass;
        }
    }

    /** Sets bits of an octet, as a supervisor's locked access. */
    public void systemSet(long a, int bits) {
        long before = table;
        int beforeClass = accessClass;
        table = systemTable;
        accessClass = Tlb.SUPERVISOR_SMAP;
        implicit = true;
        try {
            update(a, 1, now -> now | bits);
        } finally {
            implicit = false;
            table = before;
            accessClass = beforeClass;
        }
    }

    /** Throws what a supervisor's store would. */
    public void systemProbeWrite(long a, int size) {
        long before = table;
        int beforeClass = accessClass;
        table = systemTable;
        accessClass = Tlb.SUPERVISOR_SMAP;
        implicit = true;
        try {
            probeWrite(a, size);
        } finally {
            implicit = false;
            table = before;
            accessClass = beforeClass;
        }
    }

    /** Physical address from which the code at a linear address is to be fetched; throws what fetching there does. */
    public long fetch(long a) {
        checkCanonical(a);
        boolean asUser = cpu.cpl == 3;
        walker.walk(a, Access.FETCH, asUser, false);
        return walker.page | a & GuestMemory.PAGE_SIZE - 1;
    }

    /** Whether 64-bit mode accepts a linear address. */
    public boolean isCanonical(long a) {
        int unused = 64 - linearBits;
        return a << unused >> unused == a;
    }

    // ---- the long way ----

    private boolean isWide() {
        return cpu.mode == Mode.LONG_64 || implicit && cpu.mode == Mode.COMPATIBILITY;
    }

    private void checkCanonical(long a) {
        if (isWide() && !isCanonical(a)) {
            throw cpu.gp();
        }
    }

    /** #AC is for operands of 2, 4 and 8 octets; larger areas have checks of their own. */
    private void checkAlignment(long a, int size) {
        if (size <= 8 && Integer.bitCount(size) == 1 && accessClass == Tlb.CHECKED && (a & size - 1) != 0 && cpu.cpl == 3 && cpu.isSet(Rflags.AC) && (cpu.cr0 & ControlRegisters.CR0_AM) != 0) {
            throw cpu.fault(Vector.AC, 0);
        }
    }

    /** Physical address of one that is in one page, or the first of an access; fills the TLB. */
    private long translate(long a, Access access) {
        long linear = isWide() ? a : a & 0xFFFF_FFFFL;
        boolean asUser = cpu.cpl == 3 && accessClass != Tlb.SUPERVISOR_SMAP;
        boolean smap = accessClass == Tlb.SUPERVISOR_SMAP || accessClass == Tlb.CHECKED && !cpu.isSet(Rflags.AC);
        walker.walk(linear, access, asUser, smap);
        long page = walker.page;
        if (accessClass != Tlb.CHECKED && page != local.address()) {
            fill(linear & PAGE_MASK, page);
        }
        return page | linear & GuestMemory.PAGE_SIZE - 1;
    }

    private void fill(long linear, long page) {
        long host = memory.readableHost(page);
        if (host != 0) {
            boolean writable = walker.writable && memory.writableHost(page) != 0 && !code.hasCode(page);
            tlb.fill(accessClass, linear, host, page, writable);
            if (walker.size > GuestMemory.PAGE_SIZE) {
                long start = linear & -walker.size;
                tlb.noteLarge(start, start + walker.size);
            }
        }
    }

    private static boolean crosses(long a, int size) {
        return (a & GuestMemory.PAGE_SIZE - 1) + size > GuestMemory.PAGE_SIZE;
    }

    private void probe(long a, int size, Access access) {
        check(a, size);
        checkAlignment(a, size);
        translate(a, access);
        if (crosses(a, size)) {
            translate(a + size - 1, access);
        }
    }

    private void check(long a, int size) {
        checkCanonical(a);
        checkCanonical(a + size - 1);
    }

    private long slowHost(long a, int size, Access access) {
        check(a, size);
        checkAlignment(a, size);
        long physical = translate(a, access);
        if (crosses(a, size)) {
            translate(a + size - 1, access);
            return 0;
        }
        if (accessClass == Tlb.CHECKED || (physical & PAGE_MASK) == local.address() || access == Access.WRITE && code.hasCode(physical)) {
            return 0;
        }
        return access == Access.WRITE ? memory.writableHost(physical) : memory.readableHost(physical);
    }

    private long slowLoad(long a, int size) {
        check(a, size);
        checkAlignment(a, size);
        watch(a, size, Access.READ);
        long physical = translate(a, Access.READ);
        if (!crosses(a, size)) {
            return physicalLoad(physical, size);
        }
        long second = (a | GuestMemory.PAGE_SIZE - 1) + 1;
        long other = translate(second, Access.READ);
        int first = (int) (second - a);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= physicalLoad(i < first ? physical + i : other + i - first, 1) << 8 * i;
        }
        return value;
    }

    private void slowStore(long a, int size, long value) {
        check(a, size);
        checkAlignment(a, size);
        long physical = translate(a, Access.WRITE);
        if (!crosses(a, size)) {
            watch(a, size, Access.WRITE);
            physicalStore(physical, size, value);
            return;
        }
        long second = (a | GuestMemory.PAGE_SIZE - 1) + 1;
        long other = translate(second, Access.WRITE);
        watch(a, size, Access.WRITE);
        int first = (int) (second - a);
        for (int i = 0; i < size; i++) {
            physicalStore(i < first ? physical + i : other + i - first, 1, value >>> 8 * i);
        }
    }

    /** Breakpoints on data (Vol. 3, 18.2.5): a trap is due after the instruction. */
    private void watch(long a, int size, Access access) {
        if (!watching || accessClass == Tlb.SUPERVISOR_SMAP) {
            return;
        }
        for (int n = 0; n < 4; n++) {
            DebugRegisters.Condition condition = DebugRegisters.condition(cpu.dr[7], n);
            boolean kind = condition == DebugRegisters.Condition.ACCESS || condition == DebugRegisters.Condition.WRITE && access == Access.WRITE;
            int length = DebugRegisters.length(cpu.dr[7], n);
            long start = cpu.dr[n] & -length;
            if (kind && a < start + length && a + size > start) {
                cpu.pendingDebug |= 1L << n;
                if (DebugRegisters.isEnabled(cpu.dr[7], n)) {
                    cpu.attend(Cpu.SELF);
                }
            }
        }
    }

    private long physicalLoad(long physical, int size) {
        long host = memory.readableHost(physical);
        if (host != 0 && (physical & PAGE_MASK) != local.address()) {
            return switch (size) {
                case 1 -> RawMemory.getByteAcquire(host) & 0xFFL;
                case 2 -> RawMemory.getShortAcquire(host) & 0xFFFFL;
                case 4 -> RawMemory.getIntAcquire(host) & 0xFFFF_FFFFL;
                default -> RawMemory.getLongAcquire(host);
            };
        }
        long begun = cpu.devices.begin();
        long value = (physical & PAGE_MASK) == local.address() ? local.read(physical & GuestMemory.PAGE_SIZE - 1, size) & -1L >>> 64 - 8 * size : bus.read(physical, size);
        cpu.devices.address(begun);
        return value;
    }

    private void physicalStore(long physical, int size, long value) {
        boolean own = (physical & PAGE_MASK) == local.address();
        long host = own ? 0 : memory.writableHost(physical);
        if (host != 0) {
            switch (size) {
                case 1 -> RawMemory.putByteRelease(host, (byte) value);
                case 2 -> RawMemory.putShortRelease(host, (short) value);
                case 4 -> RawMemory.putIntRelease(host, (int) value);
                default -> RawMemory.putLongRelease(host, value);
            }
            // Either who decodes reads what was stored, or its mark is seen here.
            RawMemory.fullFence();
            if (code.hasCode(physical)) {
                code.written(physical, size);
            }
            return;
        }
        long begun = cpu.devices.begin();
        if (own) {
            local.write(physical & GuestMemory.PAGE_SIZE - 1, size, value & -1L >>> 64 - 8 * size);
        } else if (memory.readableHost(physical) == 0) {
            bus.write(physical, size, value & -1L >>> 64 - 8 * size);
        }
        cpu.devices.address(begun);
    }
}
