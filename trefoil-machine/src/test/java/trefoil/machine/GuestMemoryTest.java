package trefoil.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuestMemoryTest {
    private static final long PAGE = GuestMemory.PAGE_SIZE;
    private static final long HIGH = 0x1_0000_0000L;

    private final Arena arena = Arena.ofShared();
    /** RAM at 0–0x3FFF in two regions that touch, ROM at 0x8000–0x8FFF, RAM at 4 GiB. */
    private final MemoryRegion low = MemoryRegion.ram(0, pages(2));

    private final MemoryRegion next = MemoryRegion.ram(2 * PAGE, pages(2));
    private final MemoryRegion rom = MemoryRegion.rom(0x8000, pages(1));
    private final MemoryRegion high = MemoryRegion.ram(HIGH, pages(1));
    private final GuestMemory memory = new GuestMemory(List.of(high, rom, next, low));

    private MemorySegment pages(int count) {
        return arena.allocate(count * PAGE, PAGE);
    }

    @AfterEach
    void free() {
        arena.close();
    }

    private static void faults(long address, long length, ThrowingCallable access) {
        assertThatThrownBy(access).isInstanceOfSatisfying(GuestMemoryFault.class, fault -> {
            assertThat(fault.address()).isEqualTo(address);
            assertThat(fault.length()).isEqualTo(length);
            assertThat(fault.getStackTrace()).isEmpty();
        });
    }

    @Test
    void scalarsAreLittleEndianAndZeroExtended() throws Exception {
        memory.putLong(0x11, 0x8877_6655_4433_2291L);
        assertThat(memory.getByte(0x11)).isEqualTo(0x91);
        assertThat(memory.getShort(0x17)).isEqualTo(0x8877);
        assertThat(memory.getInt(0x12)).isEqualTo(0x5544_3322);
        assertThat(memory.getLong(0x11)).isEqualTo(0x8877_6655_4433_2291L);
        memory.putByte(0x11, 0x1FF);
        memory.putShort(0x12, 0x7ABCD);
        memory.putInt(0x14, -2);
        assertThat(memory.getLong(0x11)).isEqualTo(0x88FF_FFFF_FEAB_CDFFL);
    }

    @Test
    void regionsThatTouchAreOneMemory() throws Exception {
        memory.putInt(2 * PAGE - 3, 0x04030201);
        assertThat(low.memory().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 2 * PAGE - 1)).isEqualTo((byte) 3);
        assertThat(memory.getInt(2 * PAGE - 3)).isEqualTo(0x04030201);
        memory.putLong(2 * PAGE - 4, 0x0807060504030201L);
        assertThat(memory.getLong(2 * PAGE - 4)).isEqualTo(0x0807060504030201L);
        memory.putShort(2 * PAGE - 1, 0xBEEF);
        assertThat(memory.getShort(2 * PAGE - 1)).isEqualTo(0xBEEF);
    }

    @Test
    void whatIsNotMemoryFaultsAndChangesNothing() throws Exception {
        faults(4 * PAGE, 1, () -> memory.getByte(4 * PAGE));
        faults(4 * PAGE - 3, 4, () -> memory.putInt(4 * PAGE - 3, -1));
        assertThat(memory.getByte(4 * PAGE - 1)).isZero();
        faults(-1, 1, () -> memory.getByte(-1));
        faults(-1, 2, () -> memory.getShort(-1));
        faults(Long.MIN_VALUE, 8, () -> memory.getLong(Long.MIN_VALUE));
        faults(0, Long.MAX_VALUE, () -> memory.fill(0, Long.MAX_VALUE, (byte) 1));
        faults(0, -1, () -> memory.fill(0, -1, (byte) 1));
        faults(HIGH + PAGE - 1, 2, () -> memory.readable(HIGH + PAGE - 1, 2, new ArrayList<>()));
        faults(0x3FF0, 0x20, () -> memory.write(0x3FF0, filled(0x20), 0, 0x20));
        assertThat(memory.getLong(0x3FF0)).isZero();
        faults(0x8000, 16, () -> memory.writable(0x8000, 16, new ArrayList<>()));
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    @Test
    void orderedAccessesNeedAlignment() throws Exception {
        memory.putShortRelease(0x102, 0x18001);
        memory.putIntRelease(0x104, 5);
        memory.putLongRelease(0x108, -6);
        assertThat(memory.getShortAcquire(0x102)).isEqualTo(0x8001);
        assertThat(memory.getIntAcquire(0x104)).isEqualTo(5);
        assertThat(memory.getLongAcquire(0x108)).isEqualTo(-6);
        assertThat(memory.compareAndSetInt(0x104, 6, 7)).isFalse();
        assertThat(memory.compareAndSetInt(0x104, 5, 7)).isTrue();
        assertThat(memory.getInt(0x104)).isEqualTo(7);
        assertThat(memory.compareAndSetLong(0x108, -6, 9)).isTrue();
        assertThat(memory.getLong(0x108)).isEqualTo(9);
        faults(0x101, 2, () -> memory.getShortAcquire(0x101));
        faults(0x102, 4, () -> memory.putIntRelease(0x102, 1));
        faults(0x104, 8, () -> memory.compareAndSetLong(0x104, 1, 1));
        faults(0x5000, 4, () -> memory.compareAndSetInt(0x5000, 0, 0));
    }

    @Test
    void writesIntoRomAreDropped() throws Exception {
        rom.memory().fill((byte) 0x90);
        memory.putByte(0x8000, 1);
        memory.putLong(0x8008, 1);
        memory.putShortRelease(0x8010, 1);
        memory.fill(0x8000, PAGE, (byte) 1);
        memory.write(0x8000, filled(9), 0, 9);
        assertThat(memory.compareAndSetInt(0x8000, 0x90909090, 1)).isTrue();
        byte[] back = new byte[(int) PAGE];
        memory.read(0x8000, back, 0, back.length);
        assertThat(back).containsOnly(0x90);
        assertThat(memory.readableHost(0x8123)).isEqualTo(rom.memory().address() + 0x123);
        assertThat(memory.writableHost(0x8123)).isZero();
    }

    @Test
    void bulkCopiesCrossRegions() throws Exception {
        byte[] bytes = new byte[0x2345];
        new Random(1).nextBytes(bytes);
        memory.write(0x1234, ByteBuffer.wrap(bytes));
        byte[] back = new byte[bytes.length + 2];
        memory.read(0x1234, back, 1, bytes.length);
        assertThat(Arrays.copyOfRange(back, 1, 1 + bytes.length)).isEqualTo(bytes);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).position(5);
        memory.read(0x1234, buffer);
        assertThat(buffer.remaining()).isZero();
        assertThat(buffer.get(5)).isEqualTo(bytes[0]);
        List<MemorySegment> slices = new ArrayList<>();
        memory.readable(0x1234, bytes.length, slices);
        assertThat(slices).extracting(MemorySegment::byteSize).containsExactly(0x2000L - 0x1234, 0x2345L - 0x2000 + 0x1234);
        assertThat(slices).allMatch(MemorySegment::isReadOnly);
        memory.fill(0x1FFF, 2, (byte) 9);
        assertThat(memory.getShort(0x1FFF)).isEqualTo(0x0909);
    }

    @Test
    void devicesWritesIntoWatchedPagesAreTold() throws Exception {
        List<String> told = new ArrayList<>();
        memory.listen(new MemoryListener() {
            @Override
            public void written(long address, long length) {
                told.add(Long.toHexString(address) + "+" + length);
            }

            @Override
            public void remapped() {
                told.add("remapped");
            }
        });
        memory.putInt(0x1000, 1);
        memory.watch(0x1FFF);
        assertThat(memory.isWatched(0x1000)).isTrue();
        assertThat(memory.isWatched(0x2000)).isFalse();
        memory.putByte(0x1800, 1);
        memory.putInt(0x0FFE, 1);
        memory.putInt(0x1FFE, 1);
        memory.putLongRelease(0x1008, 1);
        memory.compareAndSetInt(0x1010, 5, 1);
        memory.compareAndSetInt(0x1010, 0, 1);
        memory.fill(0, 0x4000, (byte) 0);
        memory.write(0x0800, filled(0x900), 0, 0x900);
        memory.putLong(0x2000, 1);
        memory.written(0x1FF0, 0x20);
        memory.written(0x3FF0, 0x10000);
        assertThat(told).containsExactly("1800+1", "ffe+4", "1ffe+1", "1fff+1", "1008+8", "1010+4", "0+8192", "800+2304", "1ff0+16");
        told.clear();
        memory.unwatch(0x1000);
        memory.putByte(0x1800, 1);
        memory.watch(HIGH);
        memory.remap(List.of(high, rom));
        memory.putByte(HIGH, 1);
        faults(0, 1, () -> memory.getByte(0));
        memory.watch(0x1000);
        assertThat(told).containsExactly("remapped", Long.toHexString(HIGH) + "+1");
        assertThat(memory.regions()).containsExactly(rom, high);
    }

    @Test
    void regionsAreWholePagesThatDoNotOverlap() {
        assertThatThrownBy(() -> MemoryRegion.ram(0x800, pages(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MemoryRegion.ram(0, arena.allocate(0x800, PAGE))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MemoryRegion.ram(0, MemorySegment.ofArray(new byte[4096]))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GuestMemory(List.of(low, MemoryRegion.ram(PAGE, pages(1)))))
                .hasMessageContaining("overlaps");
    }

    @Test
    void processorsUseHostAddresses() throws Exception {
        long host = memory.writableHost(0x1230);
        RawMemory.putLong(host + 1, 0x1122334455667788L);
        assertThat(memory.getLong(0x1231)).isEqualTo(0x1122334455667788L);
        assertThat(memory.writableHost(0x5000)).isZero();
        memory.putInt(0x1240, 40);
        host = memory.readableHost(0x1240);
        assertThat(RawMemory.getAndAddInt(host, 2)).isEqualTo(40);
        assertThat(RawMemory.compareAndExchangeInt(host, 42, 43)).isEqualTo(42);
        assertThat(RawMemory.compareAndSetInt(host, 42, 44)).isFalse();
        assertThat(RawMemory.getAndSetShort(host, (short) -1)).isEqualTo((short) 43);
        assertThat(RawMemory.compareAndExchangeByte(host + 2, (byte) 0, (byte) 5)).isZero();
        assertThat(RawMemory.getIntAcquire(host)).isEqualTo(0x0005FFFF);
        RawMemory.copy(host, host + 1, 4);
        assertThat(memory.getLong(0x1240)).isEqualTo(0x05FFFFFFL);
        RawMemory.fill(host, 3, (byte) 1);
        assertThat(memory.getInt(0x1240)).isEqualTo(0x05010101);
    }
}
