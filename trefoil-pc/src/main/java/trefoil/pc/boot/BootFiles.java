package trefoil.pc.boot;

import java.nio.charset.StandardCharsets;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.KernelException.Cause;

/** What both ways to boot put into low memory: GDT, command line, initial RAM disk. */
final class BootFiles {
    static final long GDT = 0x500;
    static final int GDT_LIMIT = 5 * 8 - 1;
    static final int CODE = 0x10;
    static final int DATA = 0x18;
    static final int TASK = 0x20;
    static final long COMMAND_LINE = 0x2_0000;

    private static final long CODE_32 = 0x00CF_9B00_0000_FFFFL;
    private static final long CODE_64 = 0x00AF_9B00_0000_FFFFL;
    private static final long DATA_FLAT = 0x00CF_9300_0000_FFFFL;
    private static final long TASK_BUSY = 0x0000_8B00_0000_0067L;
    private static final long LARGEST_COMMAND_LINE = PcMemoryMap.EBDA - COMMAND_LINE - 1;
    private static final long PAGE = 4096;

    private BootFiles() {}

    static void writeGdt(GuestMemory memory, EntryState.Mode mode) throws GuestMemoryFault {
        long[] descriptors = {0, 0, mode == EntryState.Mode.LONG_64 ? CODE_64 : CODE_32, DATA_FLAT, TASK_BUSY};
        for (int i = 0; i < descriptors.length; i++) {
            memory.putLong(GDT + 8L * i, descriptors[i]);
        }
    }

    static void writeCommandLine(GuestMemory memory, String line, long longest) throws GuestMemoryFault, KernelException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > Math.min(longest, LARGEST_COMMAND_LINE) || line.indexOf(0) >= 0) {
            throw new KernelException(Cause.BAD_COMMAND_LINE, "a kernel command line of " + bytes.length + " bytes; " + Math.min(longest, LARGEST_COMMAND_LINE) + " are allowed, none of them 0");
        }
        memory.write(COMMAND_LINE, bytes, 0, bytes.length);
        memory.putByte(COMMAND_LINE + bytes.length, 0);
    }

    /** Puts the initial RAM disk as high as it goes below 4 GiB, and below {@code limit}; its address. */
    static long writeInitrd(GuestMemory memory, PcMemoryMap map, byte[] initrd, long kernelEnd, long limit) throws GuestMemoryFault, KernelException {
        long start = Math.min(map.lowEnd(), limit) - initrd.length & -PAGE;
        if (start < kernelEnd) {
            throw new KernelException(Cause.NO_ROOM, "an initial RAM disk of " + initrd.length + " bytes does not fit beside the kernel into " + map.ram() + " bytes of memory");
        }
        memory.write(start, initrd, 0, initrd.length);
        return start;
    }

    static KernelException unbacked(GuestMemoryFault fault) {
        return new KernelException(Cause.NO_ROOM, "the kernel wants to be where there is no memory: " + fault.getMessage());
    }
}
