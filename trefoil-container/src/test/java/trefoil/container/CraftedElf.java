package trefoil.container;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes ELF files field by field; what is not set makes a static program for Linux on x86-64. */
final class CraftedElf {
    private int elfClass = 2;
    private int data = 1;
    private int osAbi;
    private int type = 2;
    private int machine = 62;
    private Integer phnum;
    private Long phoff;
    private int phentsize = 56;
    private final List<long[]> segments = new ArrayList<>(); // type, offset, vaddr, filesz, memsz, align
    private final List<byte[]> contents = new ArrayList<>();

    CraftedElf elfClass(int value) {
        elfClass = value;
        return this;
    }

    CraftedElf data(int value) {
        data = value;
        return this;
    }

    CraftedElf osAbi(int value) {
        osAbi = value;
        return this;
    }

    CraftedElf type(int value) {
        type = value;
        return this;
    }

    CraftedElf machine(int value) {
        machine = value;
        return this;
    }

    CraftedElf phnum(int value) {
        phnum = value;
        return this;
    }

    CraftedElf phoff(long value) {
        phoff = value;
        return this;
    }

    CraftedElf phentsize(int value) {
        phentsize = value;
        return this;
    }

    /** A segment with contents of its own. */
    CraftedElf segment(int segmentType, byte[] content, int align) {
        segments.add(new long[] {segmentType, -1, 0, content.length, content.length, align});
        contents.add(content);
        return this;
    }

    /** A segment that claims to lie anywhere. */
    CraftedElf claim(int segmentType, long offset, long address, long fileSize, long memorySize) {
        segments.add(new long[] {segmentType, offset, address, fileSize, memorySize, 4096});
        contents.add(new byte[0]);
        return this;
    }

    CraftedElf interpreter(String path) {
        return segment(3, (path + "\0").getBytes(StandardCharsets.UTF_8), 1);
    }

    CraftedElf abiTag(int system, int major, int minor, int patch) {
        return segment(4, note(1, words(system, major, minor, patch)), 4);
    }

    CraftedElf isa(int mask) {
        return segment(4, note(5, words(0xC0000002, 4, 3, 0, 0xC0008002, 4, mask, 0)), 8);
    }

    static byte[] words(int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            bytes.putInt(word);
        }
        return bytes.array();
    }

    static byte[] note(int type, byte[] content) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + content.length).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putInt(4).putInt(content.length).putInt(type).put(new byte[] {'G', 'N', 'U', 0}).put(content).array();
    }

    byte[] build() {
        claim(1, 0, 0x400000, 64, 64);
        int size = 64 + 56 * segments.size() + contents.stream().mapToInt(c -> (c.length + 7) & -8).sum();
        ByteBuffer file = ByteBuffer.allocate(size)
                .order(data == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) elfClass, (byte) data, 1, (byte) osAbi});
        file.putShort(16, (short) type).putShort(18, (short) machine).putInt(20, 1);
        file.putLong(24, 0x400000).putLong(32, phoff == null ? 64 : phoff).putShort(52, (short) 64);
        file.putShort(54, (short) phentsize).putShort(56, (short) (phnum == null ? segments.size() : phnum));
        int content = 64 + 56 * segments.size();
        for (int i = 0; i < segments.size(); i++) {
            long[] s = segments.get(i);
            int at = 64 + 56 * i;
            file.putInt(at, (int) s[0]).putInt(at + 4, 5).putLong(at + 8, s[1] == -1 ? content : s[1]);
            file.putLong(at + 16, s[2]).putLong(at + 24, s[2]).putLong(at + 32, s[3]).putLong(at + 40, s[4]);
            file.putLong(at + 48, s[5]);
            file.put(content, contents.get(i));
            content += (contents.get(i).length + 7) & -8;
        }
        return file.array();
    }
}
