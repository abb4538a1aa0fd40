package trefoil.pc.boot;

import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.KernelException.Cause;

/** Enters an ELF kernel by the PVH ABI (Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h, version 1): 32-bit protected mode, no paging, EBX points to the start info. */
public final class PvhBoot {
    static final long START_INFO = 0x6000;
    static final long MODULES = 0x6040;
    static final long MEMORY_MAP = 0x7000;

    private static final int MAGIC = 0x336E_C578;
    private static final long CR0_PE_ET = 0x11;
    private static final long LONGEST_COMMAND_LINE = 0xFFFF;

    private final PcMemoryMap map;
    private final GuestMemory memory;

    public PvhBoot(PcMemoryMap map, GuestMemory memory) {
        this.map = map;
        this.memory = memory;
    }

    /**
     * Fills guest memory.
     *
     * @param initrd empty if there is none
     * @param rsdp guest-physical address of the ACPI root pointer
     */
    public EntryState load(ElfKernel kernel, String commandLine, byte[] initrd, long rsdp) throws KernelException {
        long entry = kernel.pvhEntry();
        if (kernel.start() < PcMemoryMap.MEBIBYTE || kernel.end() > map.lowEnd()) {
            throw new KernelException(Cause.NO_ROOM, "the kernel occupies 0x%x to 0x%x; memory for it is from 0x100000 to 0x%x".formatted(kernel.start(), kernel.end(), map.lowEnd()));
        }
        if (!kernel.occupies(entry)) {
            throw new KernelException(Cause.DAMAGED, "its PVH entry 0x%x lies outside of what it loads, 0x%x to 0x%x".formatted(entry, kernel.start(), kernel.end()));
        }
        try {
            kernel.load(memory);
            BootFiles.writeGdt(memory, EntryState.Mode.PROTECTED_32);
            BootFiles.writeCommandLine(memory, commandLine, LONGEST_COMMAND_LINE);
            if (initrd.length > 0) {
                long start = BootFiles.writeInitrd(memory, map, initrd, kernel.end(), map.lowEnd());
                putLongs(MODULES, start, initrd.length, 0, 0);
            }
            writeStartInfo(initrd.length > 0 ? 1 : 0, rsdp);
        } catch (GuestMemoryFault e) {
            throw BootFiles.unbacked(e);
        }
        return new EntryState(
                EntryState.Mode.PROTECTED_32, entry, START_INFO, 0, 0, CR0_PE_ET, 0, 0, 0, BootFiles.GDT, BootFiles.GDT_LIMIT, BootFiles.CODE, BootFiles.DATA, BootFiles.TASK);
    }

    private void writeStartInfo(int modules, long rsdp) throws GuestMemoryFault {
        memory.putInt(START_INFO, MAGIC);
        memory.putInt(START_INFO + 4, 1);
        memory.putInt(START_INFO + 8, 0);
        memory.putInt(START_INFO + 12, modules);
        putLongs(START_INFO + 16, modules == 0 ? 0 : MODULES, BootFiles.COMMAND_LINE, rsdp, MEMORY_MAP);
        memory.putInt(START_INFO + 48, map.told().size());
        memory.putInt(START_INFO + 52, 0);
        long at = MEMORY_MAP;
        for (PcMemoryMap.Range range : map.told()) {
            putLongs(at, range.start(), range.length(), range.type());
            at += 24;
        }
    }

    private void putLongs(long address, long... values) throws GuestMemoryFault {
        for (int i = 0; i < values.length; i++) {
            memory.putLong(address + 8L * i, values[i]);
        }
    }
}
