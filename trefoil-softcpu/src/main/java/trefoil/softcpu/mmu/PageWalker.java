package trefoil.softcpu.mmu;

import static trefoil.x86.paging.PageEntry.*;
import static trefoil.x86.register.ControlRegisters.*;

import trefoil.machine.Bus;
import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.softcpu.core.Fault;
import trefoil.x86.exception.Vector;
import trefoil.x86.paging.PageEntry;
import trefoil.x86.paging.PageFaultCode;
import trefoil.x86.paging.PagingMode;
import trefoil.x86.register.Efer;

/**
 * Translates a linear address by the guest's tables (Intel SDM Vol. 3, chapter 4): finds the entries, checks reserved bits and rights, then sets accessed and dirty flags, each by a locked compare and exchange, so that
 * another processor's change to an entry is never lost; if one comes in between, the walk begins anew. Of a walk that faults no flag is set.
 */
final class PageWalker {
    private final Cpu cpu;
    private final GuestMemory memory;
    private final Bus bus;
    private final CodePages code;
    private final int physicalBits;
    private final boolean gigabytePages;
    private final long[] entryAddress = new long[6];
    private final long[] entryValue = new long[6];

    /** Physical page of 4 KiB that the last walk found. */
    long page;
    /** Whether the last walk's page may be written now, its dirty flag being set. */
    boolean writable;
    /** Whether it is a user page. */
    boolean user;
    /** Octets of the page that the tables map, of which {@link #page} is a part. */
    long size;

    PageWalker(Cpu cpu, GuestMemory memory, Bus bus, CodePages code, int physicalBits, boolean gigabytePages) {
        this.cpu = cpu;
        this.memory = memory;
        this.bus = bus;
        this.code = code;
        this.physicalBits = physicalBits;
        this.gigabytePages = gigabytePages;
    }

    /**
     * Finds the page of {@code address}.
     *
     * @param asUser whether it is a user-mode access
     * @param smap whether a supervisor's access to a user page is refused when CR4.SMAP is set
     * @throws Fault #PF, with CR2 loaded
     */
    void walk(long address, Access access, boolean asUser, boolean smap) {
        PagingMode paging = PagingMode.of(cpu.cr0, cpu.cr4, cpu.efer);
        if (paging == PagingMode.NONE) {
            page = address & 0xFFFF_F000L;
            writable = true;
            user = true;
            size = GuestMemory.PAGE_SIZE;
            return;
        }
        boolean settled;
        do {
            settled = attempt(paging, address, access, asUser, smap);
        } while (!settled);
    }

    private boolean attempt(PagingMode paging, long address, Access access, boolean asUser, boolean smap) {
        boolean nxe = (cpu.efer & Efer.NXE) != 0;
        long rights = RW | US;
        long noExecute = 0;
        long table = cpu.cr3 & (paging == PagingMode.BITS32 ? 0xFFFF_F000L : ADDRESS);
        int level = paging.levels();
        long entry;
        while (true) {
            entry = paging == PagingMode.PAE && level == 3 ? cpu.pdpte[paging.index(address, 3)] : entry(paging, table, address, level);
            if ((entry & P) == 0) {
                throw pageFault(address, access, asUser, 0);
            }
            boolean large = mayBeLarge(paging, level) && (entry & PS) != 0;
            if ((entry & paging.reserved(level, large, physicalBits, nxe, gigabytePages)) != 0) {
                throw pageFault(address, access, asUser, PageFaultCode.P | PageFaultCode.RSVD);
            }
            if (paging != PagingMode.PAE || level != 3) {
                rights &= entry;
                noExecute |= nxe ? entry & XD : 0;
            }
            if (large || level == 1) {
                break;
            }
            table = entry & (paging == PagingMode.BITS32 ? 0xFFFF_F000L : ADDRESS);
            level--;
        }
        if (!isAllowed(rights, noExecute != 0, access, asUser, smap)) {
            throw pageFault(address, access, asUser, PageFaultCode.P);
        }
        found(paging, address, level, entry, rights);
        return mark(paging, level, access);
    }

    private boolean mayBeLarge(PagingMode paging, int level) {
        return switch (paging) {
            case BITS32 -> level == 2 && (cpu.cr4 & CR4_PSE) != 0;
            case PAE -> level == 2;
            default -> level == 2 || level == 3 && gigabytePages;
        };
    }

    private long entry(PagingMode paging, long table, long address, int level) {
        long at = table + (long) paging.index(address, level) * paging.entrySize();
        long host = memory.readableHost(at);
        long value;
        if (paging.entrySize() == 4) {
            value = (host != 0 ? RawMemory.getIntAcquire(host) : bus.read(at, 4)) & 0xFFFF_FFFFL;
        } else {
            value = host != 0 ? RawMemory.getLongAcquire(host) : bus.read(at, 8);
        }
        entryAddress[level] = at;
        entryValue[level] = value;
        return value;
    }

    /** Rights by page (4.6.1). */
    private boolean isAllowed(long rights, boolean noExecute, Access access, boolean asUser, boolean smap) {
        boolean ofUser = (rights & US) != 0;
        if (access == Access.FETCH) {
            return !noExecute && (asUser ? ofUser : !ofUser || (cpu.cr4 & CR4_SMEP) == 0);
        }
        if (asUser) {
            return ofUser && (access == Access.READ || (rights & RW) != 0);
        }
        if (ofUser && smap && (cpu.cr4 & CR4_SMAP) != 0) {
            return false;
        }
        return access == Access.READ || (rights & RW) != 0 || (cpu.cr0 & CR0_WP) == 0;
    }

    private void found(PagingMode paging, long address, int level, long entry, long rights) {
        size = 1L << paging.shift(level);
        long start = paging == PagingMode.BITS32 && level == 2 ? PageEntry.address4M((int) entry) : entry & ADDRESS & -size;
        if (paging == PagingMode.BITS32 && level == 1) {
            start = entry & 0xFFFF_F000L;
        }
        page = start | address & size - 1 & -GuestMemory.PAGE_SIZE;
        user = (rights & US) != 0;
        writable = (rights & RW) != 0;
    }

    /** Accessed flags of all entries, and the dirty flag of the last (4.8). Whether none had been changed meanwhile. */
    private boolean mark(PagingMode paging, int last, Access access) {
        boolean write = access == Access.WRITE;
        for (int level = paging == PagingMode.PAE ? 2 : paging.levels(); level >= last; level--) {
            long before = entryValue[level];
            long after = before | A | (level == last && write ? D : 0);
            if (after != before && !exchange(paging, entryAddress[level], before, after)) {
                return false;
            }
        }
        boolean dirty = write || (entryValue[last] & D) != 0;
        writable = dirty && (writable || (cpu.cr0 & CR0_WP) == 0);
        return true;
    }

    private boolean exchange(PagingMode paging, long at, long before, long after) {
        long host = memory.writableHost(at);
        if (host == 0) {
            return true;
        }
        boolean done = paging.entrySize() == 4 ? RawMemory.compareAndSetInt(host, (int) before, (int) after) : RawMemory.compareAndSetLong(host, before, after);
        if (done && code.hasCode(at)) {
            code.written(at, paging.entrySize());
        }
        return done;
    }

    private Fault pageFault(long address, Access access, boolean asUser, int errorCode) {
        cpu.cr2 = address;
        boolean tellsFetches = (cpu.cr4 & CR4_SMEP) != 0 || (cpu.efer & Efer.NXE) != 0 && (cpu.cr4 & CR4_PAE) != 0;
        int kind = access == Access.WRITE ? PageFaultCode.WR : access == Access.FETCH && tellsFetches ? PageFaultCode.ID : 0;
        return cpu.fault(Vector.PF, errorCode | kind | (asUser ? PageFaultCode.US : 0));
    }
}
