package trefoil.disk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import trefoil.machine.BlockBackend;
import trefoil.machine.BlockBackend.Zeroing;
import trefoil.machine.IoStatus;

/** Random operations on a disk and on an array of bytes, compared. */
public final class RandomLoad {
    private final Random random;
    private final byte[] model;
    private final int unit;
    private long operations;

    /**
     * @param model what the disk holds now
     * @param unit most operations begin and end at multiples of this
     */
    public RandomLoad(Random random, byte[] model, int unit) {
        this.random = random;
        this.model = model;
        this.unit = unit;
    }

    public byte[] model() {
        return model;
    }

    /** Operations whose effect was compared. */
    public long operations() {
        return operations;
    }

    public static byte[] read(BlockBackend disk, long offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            assertThat(disk.read(offset, buffer.asSlice(0, length))).isEqualTo(IoStatus.OK);
            return buffer.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    public static IoStatus write(BlockBackend disk, long offset, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            return disk.write(offset, arena.allocateFrom(JAVA_BYTE, bytes));
        }
    }

    public void run(BlockBackend disk, int steps) {
        for (int i = 0; i < steps; i++) {
            step(disk);
            operations++;
        }
        assertThat(read(disk, 0, model.length)).isEqualTo(model);
    }

    /** An offset and a length within the disk. */
    private int[] range() {
        int grain = random.nextInt(4) == 0 ? 1 : random.nextBoolean() ? 512 : unit;
        int longest = random.nextInt(3) == 0 ? unit * 5 : unit;
        int offset = random.nextInt(model.length) / grain * grain;
        int length = Math.max(1, random.nextInt(longest) / grain * grain + (grain == 1 ? 0 : grain));
        return new int[] {offset, Math.min(length, model.length - offset)};
    }

    private void step(BlockBackend disk) {
        int[] range = range();
        switch (random.nextInt(20)) {
            case 0 -> assertThat(disk.flush()).isEqualTo(IoStatus.OK);
            case 1, 2 -> discard(disk, range[0], range[1]);
            case 3, 4 -> {
                assertThat(disk.writeZeroes(range[0], range[1], random.nextBoolean() ? Zeroing.KEEP : Zeroing.RELEASE)).isEqualTo(IoStatus.OK);
                Arrays.fill(model, range[0], range[0] + range[1], (byte) 0);
            }
            case 5, 6, 7, 8, 9, 10 -> compare(disk, range[0], range[1]);
            default -> writeVector(disk, range[0], range[1]);
        }
    }

    private void compare(BlockBackend disk, int offset, int length) {
        assertThat(read(disk, offset, length)).isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
    }

    /** What was discarded reads as it was or as zeroes, block by block. */
    private void discard(BlockBackend disk, int offset, int length) {
        assertThat(disk.discard(offset, length)).isEqualTo(IoStatus.OK);
        byte[] now = read(disk, offset, length);
        for (int i = 0; i < length; i++) {
            assertThat(now[i] == 0 || now[i] == model[offset + i]).isTrue();
        }
        System.arraycopy(now, 0, model, offset, length);
    }

    private void writeVector(BlockBackend disk, int offset, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocateFrom(JAVA_BYTE, bytes);
            List<MemorySegment> parts = new ArrayList<>();
            for (long at = 0; at < length; ) {
                long n = random.nextBoolean() ? length - at : Math.min(length - at, 1 + random.nextInt(700));
                parts.add(all.asSlice(at, n));
                at += n;
            }
            assertThat(disk.write(offset, parts)).isEqualTo(IoStatus.OK);
        }
        System.arraycopy(bytes, 0, model, offset, length);
    }
}
