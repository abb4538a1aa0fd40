package trefoil.softcpu.system;

import trefoil.machine.GuestMemory;
import trefoil.machine.RawMemory;
import trefoil.softcpu.core.Cpu;
import trefoil.x86.paging.PageEntry;
import trefoil.x86.paging.PagingMode;
import trefoil.x86.register.Efer;

/** Loads the four registers that hold page-directory-pointer-table entries in PAE paging (Intel SDM Vol. 3, 4.4.1). */
public final class PointerRegisters {
    private static final long TABLE = 0xFFFF_FFE0L;

    private final Cpu cpu;
    private final GuestMemory memory;
    private final int physicalBits;
    private final long[] found = new long[4];

    PointerRegisters(Cpu cpu, GuestMemory memory, int physicalBits) {
        this.cpu = cpu;
        this.memory = memory;
        this.physicalBits = physicalBits;
    }

    /** Loads them from where {@code cr3} points to; leaves them alone and gives false if an entry that is present has reserved bits set, or there is no memory. */
    public boolean load(long cr3) {
        long host = memory.readableHost(cr3 & TABLE);
        if (host == 0) {
            return false;
        }
        long reserved = PagingMode.PAE.reserved(3, false, physicalBits, (cpu.efer & Efer.NXE) != 0, false);
        for (int n = 0; n < 4; n++) {
            found[n] = RawMemory.getLongAcquire(host + 8 * n);
            if ((found[n] & PageEntry.P) != 0 && (found[n] & reserved) != 0) {
                return false;
            }
        }
        System.arraycopy(found, 0, cpu.pdpte, 0, 4);
        return true;
    }
}
