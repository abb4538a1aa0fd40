package trefoil.linux.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import trefoil.linux.ErrnoException;
import trefoil.linux.call.Syscall;

/** mmap(2) and its kin. */
@SuppressWarnings("restricted") // this module is the one with native access
final class Mapping {
    static final int SHARED = 1;
    static final int PRIVATE = 2;
    static final int ANONYMOUS = 0x20;
    static final int NO_RESERVE = 0x4000;
    static final int FIXED_NO_REPLACE = 0x10_0000;

    static final int READ_WRITE = 3;

    static final int DONT_FORK = 10;
    static final int HUGE_PAGE = 14;
    static final int DONT_DUMP = 16;

    private static final int SYS_MMAP = 9;
    private static final int SYS_MPROTECT = 10;
    private static final int SYS_MUNMAP = 11;
    private static final int SYS_MADVISE = 28;

    private Mapping() {}

    static long map(long address, long size, int protection, int flags, int fd) throws ErrnoException {
        return Syscall.call("mmap", SYS_MMAP, address, size, protection, flags, fd, 0);
    }

    static void protect(long address, long size, int protection) throws ErrnoException {
        Syscall.call("mprotect", SYS_MPROTECT, address, size, protection);
    }

    static void advise(long address, long size, int advice) throws ErrnoException {
        Syscall.call("madvise", SYS_MADVISE, address, size, advice);
    }

    static void unmap(long address, long size) {
        Syscall.raw(SYS_MUNMAP, address, size, 0);
    }

    /** The mapping as a segment that is unmapped when {@code arena} is closed. */
    static MemorySegment segment(long address, long size, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(size, arena, unused -> unmap(address, size));
    }
}
