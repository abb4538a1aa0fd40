package trefoil.pc.boot;

import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.KernelException.Cause;

/**
 * Enters a bzImage by Linux's 64-bit boot protocol (Documentation/arch/x86/boot.rst, "64-bit boot protocol"): long mode, the first 4 GiB mapped as they are, RSI points to the zero page
 * (Documentation/arch/x86/zero-page.rst).
 */
public final class LinuxBoot64 {
    static final long ZERO_PAGE = 0x7000;
    static final long PAGE_TABLES = 0x9000;

    private static final long ENTRY = 0x200;
    private static final long STACK = 0x1_F000;
    private static final long CR0_PG_NE_ET_PE = 0x8000_0031L;
    private static final long CR4_PAE = 0x20;
    private static final long EFER_LMA_LME = 0x500;
    private static final long PRESENT_WRITABLE = 3;
    private static final long LARGE = 0x80;

    private final PcMemoryMap map;
    private final GuestMemory memory;

    public LinuxBoot64(PcMemoryMap map, GuestMemory memory) {
        this.map = map;
        this.memory = memory;
    }

    /**
     * Fills guest memory.
     *
     * @param initrd empty if there is none
     * @param rsdp guest-physical address of the ACPI root pointer
     */
    public EntryState load(BzImage kernel, String commandLine, byte[] initrd, long rsdp) throws KernelException {
        if (!kernel.has64BitEntry()) {
            throw new KernelException(Cause.NO_64_BIT_ENTRY, "the bzImage has no 64-bit entry: it is a kernel of 32 bits");
        }
        long start = kernel.preferredAddress();
        long end = start + kernel.initSize();
        if (start < PcMemoryMap.MEBIBYTE || end < start || end > map.lowEnd()) {
            throw new KernelException(Cause.NO_ROOM, "the kernel occupies 0x%x to 0x%x; memory for it is from 0x100000 to 0x%x".formatted(start, end, map.lowEnd()));
        }
        try {
            memory.write(start, kernel.loaded());
            BootFiles.writeGdt(memory, EntryState.Mode.LONG_64);
            BootFiles.writeCommandLine(memory, commandLine, Integer.toUnsignedLong(kernel.commandLineSize()));
            writePageTables();
            long disk = initrd.length == 0 ? 0 : BootFiles.writeInitrd(memory, map, initrd, end, kernel.initrdLimit());
            writeZeroPage(kernel, disk, initrd.length, rsdp);
        } catch (GuestMemoryFault e) {
            throw BootFiles.unbacked(e);
        }
        return new EntryState(
                EntryState.Mode.LONG_64, start + ENTRY, 0, ZERO_PAGE, STACK, CR0_PG_NE_ET_PE, PAGE_TABLES, CR4_PAE, EFER_LMA_LME, BootFiles.GDT, BootFiles.GDT_LIMIT, BootFiles.CODE, BootFiles.DATA, BootFiles.TASK);
    }

    private void writeZeroPage(BzImage kernel, long disk, int diskLength, long rsdp) throws GuestMemoryFault {
        memory.fill(ZERO_PAGE, 4096, (byte) 0);
        byte[] header = kernel.header();
        memory.write(ZERO_PAGE + 0x1F1, header, 0, header.length);
        memory.putLong(ZERO_PAGE + 0x070, rsdp);
        memory.putByte(ZERO_PAGE + 0x210, 0xFF); // type_of_loader: undefined
        memory.putInt(ZERO_PAGE + 0x218, (int) disk);
        memory.putInt(ZERO_PAGE + 0x21C, diskLength);
        memory.putInt(ZERO_PAGE + 0x228, (int) BootFiles.COMMAND_LINE);
        memory.putByte(ZERO_PAGE + 0x1E8, map.told().size());
        long at = ZERO_PAGE + 0x2D0;
        for (PcMemoryMap.Range range : map.told()) {
            memory.putLong(at, range.start());
            memory.putLong(at + 8, range.length());
            memory.putInt(at + 16, range.type());
            at += 20;
        }
    }

    /** One page of PML4, one of PDPT, four of page directories with pages of 2 MiB. */
    private void writePageTables() throws GuestMemoryFault {
        memory.fill(PAGE_TABLES, 6 * 4096, (byte) 0);
        memory.putLong(PAGE_TABLES, PAGE_TABLES + 0x1000 | PRESENT_WRITABLE);
        for (int gib = 0; gib < 4; gib++) {
            long directory = PAGE_TABLES + 0x2000 + 0x1000L * gib;
            memory.putLong(PAGE_TABLES + 0x1000 + 8L * gib, directory | PRESENT_WRITABLE);
            for (int page = 0; page < 512; page++) {
                memory.putLong(directory + 8L * page, (512L * gib + page) << 21 | LARGE | PRESENT_WRITABLE);
            }
        }
    }
}
