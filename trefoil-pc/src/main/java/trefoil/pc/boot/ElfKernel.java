package trefoil.pc.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import trefoil.machine.GuestMemory;
import trefoil.machine.GuestMemoryFault;
import trefoil.pc.boot.KernelException.Cause;

/** An uncompressed kernel: an ELF file of 64 bits for x86-64 (System V ABI), with the note that PVH asks for (Xen, public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY). */
public final class ElfKernel {
    private record Segment(long offset, long address, long inFile, long inMemory) {}

    private static final int EHDR = 64;
    private static final int PHDR = 56;
    private static final int MAGIC = 0x464C_457F;
    private static final int EM_X86_64 = 62;
    private static final int PT_LOAD = 1;
    private static final int PT_NOTE = 4;
    private static final int PHYS32_ENTRY = 18;
    private static final int XEN = 0x006E_6558; // "Xen"

    private final ByteBuffer file;
    private final List<Segment> segments = new ArrayList<>();
    private OptionalLong entry = OptionalLong.empty();

    private ElfKernel(ByteBuffer file) {
        this.file = file;
    }

    public static boolean isOne(byte[] file) {
        return file.length >= 4 && ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(0) == MAGIC;
    }

    public static ElfKernel parse(byte[] bytes) throws KernelException {
        if (!isOne(bytes)) {
            throw new KernelException(Cause.NO_KERNEL, "not an ELF file");
        }
        if (bytes.length < EHDR) {
            throw new KernelException(Cause.TRUNCATED, "the ELF file ends within its header");
        }
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int machine = file.getShort(18) & 0xFFFF;
        if (bytes[4] != 2 || bytes[5] != 1 || machine != EM_X86_64) {
            throw new KernelException(Cause.WRONG_MACHINE, "the ELF file is for machine " + machine + (bytes[4] == 1 ? ", 32 bits" : "") + "; x86-64 is needed");
        }
        ElfKernel kernel = new ElfKernel(file);
        kernel.readHeaders();
        return kernel;
    }

    private void readHeaders() throws KernelException {
        long table = file.getLong(32);
        int size = file.getShort(54) & 0xFFFF;
        int count = file.getShort(56) & 0xFFFF;
        if (size < PHDR || count == 0) {
            throw new KernelException(Cause.NO_KERNEL, "the ELF file has no program headers");
        }
        inside(table, (long) size * count, "its program headers");
        for (int i = 0; i < count; i++) {
            readHeader((int) table + i * size);
        }
        if (segments.isEmpty()) {
            throw new KernelException(Cause.NO_KERNEL, "the ELF file loads nothing");
        }
    }

    private void readHeader(int header) throws KernelException {
        int type = file.getInt(header);
        Segment segment = new Segment(file.getLong(header + 8), file.getLong(header + 24), file.getLong(header + 32), file.getLong(header + 40));
        if (type == PT_LOAD && segment.inMemory != 0) {
            inside(segment.offset, segment.inFile, "a segment");
            if (segment.inMemory < segment.inFile || segment.address < 0 || segment.address + segment.inMemory < 0) {
                throw new KernelException(Cause.DAMAGED, "a segment of the ELF file is smaller in memory than in the file, or nowhere");
            }
            segments.add(segment);
        } else if (type == PT_NOTE) {
            inside(segment.offset, segment.inFile, "its notes");
            readNotes((int) segment.offset, (int) (segment.offset + segment.inFile));
        }
    }

    private void inside(long offset, long length, String what) throws KernelException {
        if (offset < 0 || length < 0 || offset > file.capacity() || length > file.capacity() - offset) {
            throw new KernelException(Cause.TRUNCATED, "the ELF file has " + file.capacity() + " bytes and ends before " + what);
        }
    }

    private void readNotes(int start, int end) throws KernelException {
        for (long at = start; at + 12 <= end; ) {
            long name = Integer.toUnsignedLong(file.getInt((int) at));
            long length = Integer.toUnsignedLong(file.getInt((int) at + 4));
            long content = at + 12 + (name + 3 & ~3);
            if (content + length > end) {
                throw new KernelException(Cause.TRUNCATED, "a note of the ELF file ends outside of its segment");
            }
            boolean xen = name == 4 && file.getInt((int) at + 12) == XEN;
            if (xen && file.getInt((int) at + 8) == PHYS32_ENTRY && length >= 4) {
                entry = OptionalLong.of(length >= 8 ? file.getLong((int) content) : Integer.toUnsignedLong(file.getInt((int) content)));
            }
            at = content + (length + 3 & ~3);
        }
    }

    /** Physical address at which PVH enters. */
    public long pvhEntry() throws KernelException {
        if (entry.isEmpty()) {
            throw new KernelException(Cause.NO_PVH_NOTE, "the kernel has no PVH entry: it was built without CONFIG_PVH");
        }
        return entry.getAsLong();
    }

    /** First physical address behind what it occupies. */
    public long end() {
        return segments.stream().mapToLong(segment -> segment.address + segment.inMemory).max().orElseThrow();
    }

    /** First physical address that it occupies. */
    public long start() {
        return segments.stream().mapToLong(Segment::address).min().orElseThrow();
    }

    /** Whether it occupies this physical address. */
    boolean occupies(long address) {
        return segments.stream().anyMatch(segment -> address >= segment.address && address - segment.address < segment.inMemory);
    }

    /** Copies it to where it wants to be. */
    void load(GuestMemory memory) throws GuestMemoryFault {
        for (Segment segment : segments) {
            memory.write(segment.address, file.array(), (int) segment.offset, (int) segment.inFile);
            memory.fill(segment.address + segment.inFile, segment.inMemory - segment.inFile, (byte) 0);
        }
    }
}
