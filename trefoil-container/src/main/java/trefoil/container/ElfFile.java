package trefoil.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An ELF file as far as executing it asks: header, program headers, interpreter and GNU notes (System V ABI, chapter 4 and 5;
 * x86-64 psABI; Linux Extensions to gABI). The file is untrusted: every offset, size and count is checked against the file before it is
 * used, and what does not fit is a {@link Malformed} that names the field.
 */
final class ElfFile {
    static final int ELFCLASS32 = 1;
    static final int ELFCLASS64 = 2;
    static final int ELFDATA2LSB = 1;
    static final int ELFDATA2MSB = 2;
    static final int ET_EXEC = 2;
    static final int ET_DYN = 3;

    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int MOST_PROGRAM_HEADERS = 65536 / PROGRAM_HEADER; // what the kernel loads, fs/binfmt_elf.c
    private static final int PATH_MAX = 4096;
    private static final int MOST_NOTES = 1 << 20;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PT_NOTE = 4;
    private static final int NT_GNU_ABI_TAG = 1;
    private static final int NT_GNU_PROPERTY_TYPE_0 = 5;
    private static final int GNU_PROPERTY_X86_ISA_1_NEEDED = 0xC0008002;

    /** The bytes of a file. */
    interface Bytes {
        /** How many there are. */
        long size();

        /** Reads from a position on, as many as fit or as there are; returns how many. */
        int read(long position, byte[] into) throws IOException;
    }

    /** A file that is no ELF file, or contradicts itself. */
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1L;
        private final String field;

        Malformed(String field, String message) {
            super(message);
            this.field = field;
        }

        /** The field, in the specification's word. */
        String field() {
            return field;
        }
    }

    /** Operating system (0 Linux, 1 Hurd, 2 Solaris, 3 FreeBSD …) and the oldest version of it that will do. */
    record AbiTag(int system, int major, int minor, int patch) {}

    private record Segment(int type, long offset, long address, long fileSize, long memorySize, long align) {}

    private final Bytes bytes;
    private final ByteBuffer header;
    private final List<Segment> segments = new ArrayList<>();
    private AbiTag abiTag;
    private int isaNeeded;

    /** Reads the identification and no more: what follows depends on it, see {@link #load}. */
    ElfFile(Bytes bytes) throws IOException {
        this.bytes = bytes;
        byte[] start = new byte[HEADER];
        int got = bytes.read(0, start);
        if (got < 4 || start[0] != 0x7F || start[1] != 'E' || start[2] != 'L' || start[3] != 'F') {
            throw new Malformed("EI_MAG", "it does not begin with 7f 45 4c 46 (ELF)");
        }
        if (got < HEADER) {
            throw new Malformed("e_ehsize", "it ends after " + got + " bytes, within its header");
        }
        header = ByteBuffer.wrap(start).order(
                start[5] == ELFDATA2MSB ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    /** EI_CLASS: 1 for 32 bits, 2 for 64. */
    int fileClass() {
        return header.get(4);
    }

    /** EI_DATA: 1 for little-endian, 2 for big-endian. */
    int data() {
        return header.get(5);
    }

    /** EI_OSABI. */
    int osAbi() {
        return header.get(7) & 0xFF;
    }

    /** e_type. */
    int type() {
        return header.getShort(16) & 0xFFFF;
    }

    /** e_machine. */
    int machine() {
        return header.getShort(18) & 0xFFFF;
    }

    /** The oldest kernel it runs on, NT_GNU_ABI_TAG; {@code null} when it does not say. */
    AbiTag abiTag() {
        return abiTag;
    }

    /** GNU_PROPERTY_X86_ISA_1_NEEDED: bit n set for x86-64-v(n+1); 0 when it does not say. */
    int isaNeeded() {
        return isaNeeded;
    }

    /** Reads program headers and notes of a 64-bit file. */
    void load() throws IOException {
        if (header.getInt(20) != 1 || header.get(6) != 1) {
            throw new Malformed("e_version", "its version is " + header.getInt(20) + ", not 1");
        }
        int count = header.getShort(56) & 0xFFFF;
        int size = header.getShort(54) & 0xFFFF;
        long offset = header.getLong(32);
        if (size != PROGRAM_HEADER) {
            throw new Malformed("e_phentsize", "its program headers have " + size + " bytes, not " + PROGRAM_HEADER);
        }
        if (count == 0 || count > MOST_PROGRAM_HEADERS) {
            throw new Malformed(
                    "e_phnum", "it has " + count + " program headers; the kernel loads 1 to " + MOST_PROGRAM_HEADERS);
        }
        ByteBuffer table = within("e_phoff", offset, (long) count * size);
        for (int i = 0; i < count; i++) {
            segments.add(segment(table, i * size));
        }
        checkLoads();
        for (Segment segment : segments) {
            if (segment.type() == PT_NOTE) {
                notes(segment);
            }
        }
    }

    private static Segment segment(ByteBuffer table, int at) {
        return new Segment(
                table.getInt(at),
                table.getLong(at + 8),
                table.getLong(at + 16),
                table.getLong(at + 32),
                table.getLong(at + 40),
                table.getLong(at + 48));
    }

    private ByteBuffer within(String field, long offset, long length) throws IOException {
        mustFit(field, offset, length);
        byte[] content = new byte[Math.toIntExact(length)];
        if (bytes.read(offset, content) != content.length) {
            throw new Malformed(field, "it ends within what " + field + " points to");
        }
        return ByteBuffer.wrap(content).order(header.order());
    }

    private void mustFit(String field, long offset, long length) throws Malformed {
        if (offset < 0 || length < 0 || length > bytes.size() || offset > bytes.size() - length) {
            throw new Malformed(
                    field,
                    field + " points to bytes " + Long.toUnsignedString(offset) + " and " + Long.toUnsignedString(length)
                            + " more, but the file has " + bytes.size());
        }
    }

    /** Loadable segments lie in the file, ascend and do not overlap (gABI, "Program Header": PT_LOAD). */
    private void checkLoads() throws Malformed {
        long end = 0;
        boolean any = false;
        for (Segment load : segments) {
            if (load.type() != PT_LOAD) {
                continue;
            }
            any = true;
            mustFit("PT_LOAD", load.offset(), load.fileSize());
            if (load.fileSize() > load.memorySize() || load.memorySize() < 0) {
                throw new Malformed("PT_LOAD", "a segment has more bytes in the file than in memory");
            }
            if (load.address() < end || load.address() > Long.MAX_VALUE - load.memorySize()) {
                throw new Malformed(
                        "PT_LOAD", "the segment at 0x" + Long.toHexString(load.address()) + " overlaps another");
            }
            end = load.address() + load.memorySize();
        }
        if (!any) {
            throw new Malformed("PT_LOAD", "it has nothing to load");
        }
    }

    /** PT_INTERP: the path of the program that loads it; {@code null} for a static one. */
    String interpreter() throws IOException {
        for (Segment segment : segments) {
            if (segment.type() == PT_INTERP) {
                return interpreter(segment);
            }
        }
        return null;
    }

    private String interpreter(Segment segment) throws IOException {
        if (segment.fileSize() < 2 || segment.fileSize() > PATH_MAX) { // as fs/binfmt_elf.c
            throw new Malformed(
                    "PT_INTERP", "its interpreter's name has " + Long.toUnsignedString(segment.fileSize()) + " bytes");
        }
        byte[] name = within("PT_INTERP", segment.offset(), segment.fileSize()).array();
        if (name[name.length - 1] != 0) {
            throw new Malformed("PT_INTERP", "its interpreter's name does not end with a zero");
        }
        int end = 0;
        while (name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    private void notes(Segment segment) throws IOException {
        if (segment.fileSize() > MOST_NOTES || segment.fileSize() < 0) {
            throw new Malformed("PT_NOTE", "its notes have " + Long.toUnsignedString(segment.fileSize()) + " bytes");
        }
        ByteBuffer notes = within("PT_NOTE", segment.offset(), segment.fileSize());
        long align = segment.align() == 8 ? 8 : 4;
        long at = 0;
        while (notes.limit() - at >= 12) {
            long nameSize = notes.getInt((int) at) & 0xFFFFFFFFL;
            long size = notes.getInt((int) at + 4) & 0xFFFFFFFFL;
            int type = notes.getInt((int) at + 8);
            long content = roundUp(at + 12 + nameSize, align);
            if (content + size > notes.limit()) {
                throw new Malformed("PT_NOTE", "a note is longer than the segment that holds it");
            }
            if (nameSize == 4 && notes.getInt((int) at + 12) == gnu(notes.order())) {
                note(type, notes.slice((int) content, (int) size).order(notes.order()));
            }
            at = roundUp(content + size, align);
        }
    }

    private static int gnu(ByteOrder order) {
        return ByteBuffer.wrap(new byte[] {'G', 'N', 'U', 0}).order(order).getInt();
    }

    private static long roundUp(long offset, long align) {
        return (offset + align - 1) & -align;
    }

    private void note(int type, ByteBuffer content) throws Malformed {
        if (type == NT_GNU_ABI_TAG) {
            if (content.limit() < 16) {
                throw new Malformed("NT_GNU_ABI_TAG", "the note has " + content.limit() + " bytes, not 16");
            }
            abiTag = new AbiTag(content.getInt(0), content.getInt(4), content.getInt(8), content.getInt(12));
        } else if (type == NT_GNU_PROPERTY_TYPE_0) {
            properties(content);
        }
    }

    private void properties(ByteBuffer content) throws Malformed {
        long at = 0;
        while (content.limit() - at >= 8) {
            int type = content.getInt((int) at);
            long size = content.getInt((int) at + 4) & 0xFFFFFFFFL;
            if (at + 8 + size > content.limit()) {
                throw new Malformed(
                        "NT_GNU_PROPERTY_TYPE_0", "a property is longer than the note that holds it");
            }
            if (type == GNU_PROPERTY_X86_ISA_1_NEEDED && size >= 4) {
                isaNeeded |= content.getInt((int) at + 8);
            }
            at = roundUp(at + 8 + size, 8);
        }
    }
}
