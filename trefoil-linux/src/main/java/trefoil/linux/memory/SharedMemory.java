package trefoil.linux.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * A file in memory (memfd_create(2)), mapped shared: the RAM of a guest. It has a name, which {@code /proc/PID/maps} shows; its pages come as they are touched, are huge where the host can, are left out of core dumps
 * (a guest's memory is its owner's), and are not there in forked processes.
 */
public final class SharedMemory implements AutoCloseable {
    private static final int SYS_FTRUNCATE = 77;
    private static final int SYS_MEMFD_CREATE = 319;
    private static final int MFD_CLOEXEC = 1;

    private final Arena arena = Arena.ofShared();
    private final FileDescriptor file;
    private final MemorySegment memory;

    /**
     * Makes and maps zeroed memory.
     *
     * @param name for people, at most 249 octets of UTF-8
     * @param size in octets, a multiple of 4096
     */
    public SharedMemory(String name, long size) throws ErrnoException {
        this.file = create(name);
        try {
            Syscall.call("ftruncate", SYS_FTRUNCATE, file.number(), size, 0);
            long address = Mapping.map(0, size, Mapping.READ_WRITE, Mapping.SHARED | Mapping.NO_RESERVE, file.number());
            this.memory = Mapping.segment(address, size, arena);
            Mapping.advise(address, size, Mapping.DONT_DUMP);
            Mapping.advise(address, size, Mapping.DONT_FORK);
        } catch (ErrnoException | RuntimeException e) {
            close();
            throw e;
        }
        wishForHugePages();
    }

    private static FileDescriptor create(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long number = Syscall.call("memfd_create", SYS_MEMFD_CREATE, arena.allocateFrom(name).address(), MFD_CLOEXEC, 0);
            return new FileDescriptor((int) number, "memory of " + name);
        }
    }

    /** A wish: kernels without transparent huge pages answer EINVAL, and small pages do as well. */
    private void wishForHugePages() {
        try {
            Mapping.advise(memory.address(), memory.byteSize(), Mapping.HUGE_PAGE);
        } catch (ErrnoException e) {
            System.getLogger(SharedMemory.class.getName()).log(System.Logger.Level.DEBUG, "no huge pages: {0}", e.getMessage());
        }
    }

    /** The memory, usable by all threads until {@link #close}. */
    public MemorySegment memory() {
        return memory;
    }

    /** The file, for another process to map; it stays this object's. */
    public FileDescriptor file() {
        return file;
    }

    /** Unmaps, and gives the memory back if nobody else has it. */
    @Override
    public void close() {
        arena.close();
        file.close();
    }
}
