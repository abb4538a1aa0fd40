package trefoil.pc.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;
import trefoil.machine.GuestMemory;
import trefoil.machine.MemoryRegion;
import trefoil.pc.boot.KernelException.Cause;

class BootTest {
    private static final long MIB = 1 << 20;
    private static final ZstdDecoder NO_ZSTD = (packed, size) -> {
        throw new IOException("zstd was asked");
    };

    private final Arena arena = Arena.ofShared();
    private final KernelUnpacker unpacker = new KernelUnpacker(NO_ZSTD);

    @AfterEach
    void close() {
        arena.close();
    }

    private GuestMemory memory(long size) {
        return new GuestMemory(List.of(MemoryRegion.ram(0, arena.allocate(size, 4096))));
    }

    /** An ELF file with one segment of 16 bytes at 16 MiB, a kilobyte long in memory, and a PVH note. */
    private static byte[] elf() {
        ByteBuffer file = ByteBuffer.allocate(0x200).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1}).putShort(16, (short) 2).putShort(18, (short) 62).putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        file.putInt(64, 1).putLong(64 + 8, 0x100).putLong(64 + 24, 0x100_0000).putLong(64 + 32, 16).putLong(64 + 40, 1024);
        file.putInt(120, 4).putLong(120 + 8, 0x180).putLong(120 + 32, 20 + 16);
        file.putInt(0x180, 4).putInt(0x184, 4).putInt(0x188, 6).putInt(0x18C, 0x006E_6558).putInt(0x190, 99);
        file.putInt(0x194, 4).putInt(0x198, 4).putInt(0x19C, 18).putInt(0x1A0, 0x006E_6558);
        for (int i = 0; i < 16; i++) {
            file.put(0x100 + i, (byte) (i + 1));
        }
        return Arrays.copyOf(file.putInt(0x1A4, 0).array(), 0x1A8);
    }

    private static byte[] elfWithEntry() {
        byte[] file = elf();
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(120 + 32, 0x28).putInt(0x1A4, 0x100_0200);
        return file;
    }

    private static byte[] bzImage(byte[] payload) {
        ByteBuffer file = ByteBuffer.allocate(1024 + 512 + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(0x1F1, (byte) 1).putShort(0x1FE, (short) 0xAA55).put(0x201, (byte) 0x6A).putInt(0x202, 0x5372_6448).putShort(0x206, (short) 0x20F).put(0x211, (byte) 1).putInt(0x22C, 0x2FF_FFFF);
        file.putShort(0x236, (short) 1).putInt(0x238, 2047).putInt(0x248, 512).putInt(0x24C, payload.length).putLong(0x258, 0x100_0000).putInt(0x260, 0x10_0000);
        return file.position(1536).put(payload).array();
    }

    private static byte[] withSize(byte[] packed, int size) {
        return ByteBuffer.allocate(packed.length + 4).order(ByteOrder.LITTLE_ENDIAN).put(packed).putInt(size).array();
    }

    private interface Packer {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] packed(byte[] bytes, Packer packer) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packing = packer.over(out)) {
            packing.write(bytes);
        }
        return out.toByteArray();
    }

    private static void assertRefused(Cause cause, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.reason()).isEqualTo(cause));
    }

    @Test
    void unpacksGzipXzAndZstd() throws Exception {
        byte[] elf = elfWithEntry();
        assertThat(unpacker.unpack(BzImage.parse(bzImage(packed(elf, GZIPOutputStream::new))))).isEqualTo(elf);
        byte[] xz = packed(elf, out -> new XZOutputStream(out, new org.tukaani.xz.FilterOptions[] {new X86Options(), new LZMA2Options()}, XZ.CHECK_CRC32));
        assertThat(unpacker.unpack(BzImage.parse(bzImage(withSize(xz, elf.length))))).isEqualTo(elf);
        byte[] zstd = withSize(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 1, 2, 3, 4}, elf.length);
        assertThat(new KernelUnpacker((in, size) -> in.length == 8 && size == elf.length ? elf : null).unpack(BzImage.parse(bzImage(zstd)))).isEqualTo(elf);
    }

    @Test
    void unpacksLz4WithOverlappingMatches() throws Exception {
        byte[] block = {0x35, 'a', 'b', 'c', 3, 0, (byte) 0x1F, 'x', 1, 0, (byte) 255, 10, 0x10, 'z'};
        byte[] frame = ByteBuffer.allocate(8 + block.length).order(ByteOrder.LITTLE_ENDIAN).putInt(0x184C_2102).putInt(block.length).put(block).array();
        String expected = "abc" + "abcabcabc" + "x" + "x".repeat(4 + 15 + 255 + 10) + "z";
        assertThat(new String(Lz4Legacy.decode(frame, expected.length()), StandardCharsets.US_ASCII)).isEqualTo(expected);
        for (int at = 4; at < frame.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = frame.clone();
                damaged[at] ^= (byte) (1 << bit);
                try {
                    Lz4Legacy.decode(damaged, expected.length());
                } catch (IOException e) {
                    assertThat(e.getMessage()).contains("LZ4");
                }
            }
        }
        assertThatThrownBy(() -> Lz4Legacy.decode(Arrays.copyOf(frame, frame.length - 1), expected.length())).isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoKernelIsNamed() throws Exception {
        assertRefused(Cause.NO_KERNEL, () -> BzImage.parse(new byte[0]));
        assertRefused(Cause.NO_KERNEL, () -> BzImage.parse(new byte[4096]));
        assertRefused(Cause.NO_KERNEL, () -> ElfKernel.parse("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII)));
        assertRefused(Cause.TRUNCATED, () -> ElfKernel.parse(Arrays.copyOf(elf(), 40)));
        assertRefused(Cause.TRUNCATED, () -> ElfKernel.parse(Arrays.copyOf(elf(), 0x108)));
        assertRefused(Cause.NO_PVH_NOTE, () -> ElfKernel.parse(withoutNote()).pvhEntry());
        byte[] arm = elf();
        arm[18] = (byte) 183;
        assertRefused(Cause.WRONG_MACHINE, () -> ElfKernel.parse(arm));
        byte[] narrow = elf();
        narrow[4] = 1;
        assertRefused(Cause.WRONG_MACHINE, () -> ElfKernel.parse(narrow));
        byte[] image = bzImage(withSize("LZMA or LZO, who knows".getBytes(StandardCharsets.US_ASCII), 100));
        assertRefused(Cause.UNKNOWN_COMPRESSION, () -> unpacker.unpack(BzImage.parse(image)));
        assertRefused(Cause.TRUNCATED, () -> BzImage.parse(Arrays.copyOf(image, image.length - 1)).payload());
        byte[] gzip = packed(elf(), GZIPOutputStream::new);
        gzip[gzip.length / 2] ^= 0x55;
        assertRefused(Cause.DAMAGED, () -> unpacker.unpack(BzImage.parse(bzImage(gzip))));
        byte[] old = image.clone();
        old[0x206] = 0x0A;
        assertRefused(Cause.NO_64_BIT_ENTRY, () -> BzImage.parse(old));
    }

    private static byte[] withoutNote() {
        byte[] file = elfWithEntry();
        file[0x19C] = 17;
        return file;
    }

    @Test
    void damagedHeadersAreRefusedOrBoundedAlways() {
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] file = elfWithEntry();
            for (int n = random.nextInt(4); n >= 0; n--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            try {
                ElfKernel kernel = ElfKernel.parse(file);
                kernel.pvhEntry();
                assertThat(kernel.end()).isPositive();
            } catch (KernelException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }

    @Test
    void pvhStartInfo() throws Exception {
        PcMemoryMap map = new PcMemoryMap(32 * MIB);
        GuestMemory memory = memory(32 * MIB);
        memory.fill(0x100_0010L, 0x400, (byte) 0xEE);
        byte[] initrd = "initrd".getBytes(StandardCharsets.US_ASCII);
        EntryState state = new PvhBoot(map, memory).load(ElfKernel.parse(elfWithEntry()), "console=ttyS0", initrd, 0xE_0000);
        assertThat(state.rip()).isEqualTo(0x100_0200);
        assertThat(state.rbx()).isEqualTo(0x6000);
        assertThat(state.mode()).isEqualTo(EntryState.Mode.PROTECTED_32);
        assertThat(memory.getLong(0x100_0000L)).isEqualTo(0x0807_0605_0403_0201L);
        assertThat(memory.getInt(0x100_0010L)).as("zeroed behind the file's part").isZero();
        assertThat(memory.getInt(0x6000)).isEqualTo(0x336E_C578);
        assertThat(memory.getInt(0x6004)).isEqualTo(1);
        assertThat(memory.getInt(0x600C)).isEqualTo(1);
        assertThat(memory.getLong(0x6010)).isEqualTo(0x6040);
        assertThat(memory.getLong(0x6020)).isEqualTo(0xE_0000);
        byte[] line = new byte[14];
        memory.read(memory.getLong(0x6018), line, 0, 14);
        assertThat(new String(line, StandardCharsets.US_ASCII)).isEqualTo("console=ttyS0\0");
        assertThat(memory.getLong(0x6040)).isEqualTo(32 * MIB - 4096);
        assertThat(memory.getLong(0x6048)).isEqualTo(6);
        assertThat(memory.getInt(0x6030)).isEqualTo(map.told().size());
        assertThat(memory.getLong(0x7000 + 3 * 24)).isEqualTo(MIB);
        assertThat(memory.getLong(0x7000 + 3 * 24 + 8)).isEqualTo(31 * MIB);
        assertThat(memory.getInt(0x7000 + 3 * 24 + 16)).isEqualTo(1);
        assertThat(memory.getLong(BootFiles.GDT + 0x10)).isEqualTo(0x00CF_9B00_0000_FFFFL);
    }

    @Test
    void whatDoesNotFitIsNamed() throws Exception {
        PcMemoryMap map = new PcMemoryMap(16 * MIB);
        GuestMemory memory = memory(16 * MIB);
        PvhBoot boot = new PvhBoot(map, memory);
        assertRefused(Cause.NO_ROOM, () -> boot.load(ElfKernel.parse(elfWithEntry()), "", new byte[0], 0));
        PvhBoot larger = new PvhBoot(new PcMemoryMap(18 * MIB), memory(18 * MIB));
        assertRefused(Cause.NO_ROOM, () -> larger.load(ElfKernel.parse(elfWithEntry()), "", new byte[3 << 20], 0));
        assertRefused(Cause.BAD_COMMAND_LINE, () -> larger.load(ElfKernel.parse(elfWithEntry()), "x".repeat(0x1_0000), new byte[0], 0));
        assertRefused(Cause.BAD_COMMAND_LINE, () -> larger.load(ElfKernel.parse(elfWithEntry()), "a\0b", new byte[0], 0));
        byte[] low = elfWithEntry();
        ByteBuffer.wrap(low).order(ByteOrder.LITTLE_ENDIAN).putLong(64 + 24, 0x5000);
        assertRefused(Cause.NO_ROOM, () -> larger.load(ElfKernel.parse(low), "", new byte[0], 0));
    }

    @Test
    void linux64ZeroPageAndPageTables() throws Exception {
        PcMemoryMap map = new PcMemoryMap(64 * MIB);
        GuestMemory memory = memory(64 * MIB);
        BzImage image = BzImage.parse(bzImage(new byte[] {1, 2, 3}));
        EntryState state = new LinuxBoot64(map, memory).load(image, "quiet", new byte[5000], 0xE_0000);
        assertThat(state.rip()).isEqualTo(0x100_0200);
        assertThat(state.rsi()).isEqualTo(0x7000);
        assertThat(state.efer()).isEqualTo(0x500);
        assertThat(memory.getInt(0x7202)).isEqualTo(0x5372_6448);
        assertThat(memory.getByte(0x7210)).isEqualTo(0xFF);
        assertThat(memory.getInt(0x7228)).isEqualTo(0x2_0000);
        assertThat(memory.getInt(0x7218)).as("below initrd_addr_max").isEqualTo((int) (48 * MIB - 8192));
        assertThat(memory.getLong(0x7070)).isEqualTo(0xE_0000);
        assertThat(memory.getByte(0x71E8)).isEqualTo(map.told().size());
        assertThat(memory.getByte(0x100_0200L)).as("behind the code's first sector").isEqualTo(1);
        for (long address : new long[] {0, 0x1234_5678L, 0xFFFF_FFFFL}) {
            long pml4e = memory.getLong(state.cr3());
            long pdpte = memory.getLong((pml4e & -4096) + 8 * (address >>> 30));
            long pde = memory.getLong((pdpte & -4096) + 8 * (address >>> 21 & 511));
            assertThat(pde).isEqualTo(address & -(2 * MIB) | 0x83);
        }
        assertRefused(Cause.BAD_COMMAND_LINE, () -> new LinuxBoot64(map, memory).load(image, "x".repeat(2048), new byte[0], 0));
    }

    @Test
    void memoryMapSplitsAroundTheHole() {
        PcMemoryMap small = new PcMemoryMap(0xB000_0000L);
        assertThat(small.lowEnd()).isEqualTo(0xB000_0000L);
        assertThat(small.backed()).hasSize(1);
        PcMemoryMap large = new PcMemoryMap(0xB020_0000L);
        assertThat(large.lowEnd()).isEqualTo(0x8000_0000L);
        assertThat(large.end()).isEqualTo(0x1_3020_0000L);
        assertThat(large.mmio64()).isEqualTo(0x1_4000_0000L);
        assertThat(large.backed().stream().mapToLong(PcMemoryMap.Range::length).sum()).isEqualTo(large.ram());
        for (PcMemoryMap map : List.of(small, large)) {
            long end = 0;
            for (PcMemoryMap.Range range : map.told()) {
                assertThat(range.start()).isGreaterThanOrEqualTo(end);
                end = range.end();
            }
        }
    }

    @Test
    void debiansKernelBootsBothWays() throws Exception {
        BzImage image = BzImage.parse(DebianKernel.bzImage());
        byte[] vmlinux = unpacker.unpack(image);
        ElfKernel kernel = ElfKernel.parse(vmlinux);
        assertThat(kernel.start()).isEqualTo(0x100_0000);
        assertThat(kernel.pvhEntry()).isBetween(kernel.start(), kernel.end());
        PcMemoryMap map = new PcMemoryMap(256 * MIB);
        GuestMemory memory = memory(256 * MIB);
        EntryState pvh = new PvhBoot(map, memory).load(kernel, "console=ttyS0", new byte[0], 0xE_0000);
        // head.S of Linux's PVH entry begins with cld; whatever comes later, it is code and not zeros
        assertThat(memory.getByte(pvh.rip())).isEqualTo(0xFC);
        EntryState linux = new LinuxBoot64(map, memory).load(image, "console=ttyS0", new byte[0], 0xE_0000);
        assertThat(linux.rip()).isEqualTo(0x100_0200);
        assertThat(memory.getLong(linux.rip())).isNotZero();
    }
}
