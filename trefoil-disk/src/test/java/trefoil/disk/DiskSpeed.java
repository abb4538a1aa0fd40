package trefoil.disk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import trefoil.disk.HostFile.Access;
import trefoil.disk.Images.Format;
import trefoil.disk.Images.Preallocation;
import trefoil.disk.qcow2.NewImage;
import trefoil.machine.BlockBackend;

/**
 * 4 KiB requests, one at a time, on images of 1 GiB in the page cache, beside {@code qemu-img bench -d 1} with the same pattern on the same file. No test: run it by hand with a directory.
 * qemu-img has no random pattern; a stride that visits every block in an order without locality stands for it.
 */
public final class DiskSpeed {
    private static final long SIZE = 1L << 30;
    private static final int COUNT = 60_000;
    private static final int BLOCK = 4096;
    /** An odd number of blocks. */
    private static final long STRIDE = 4097L * 4096 * 3;

    private DiskSpeed() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        for (Format format : Format.values()) {
            Path path = directory.resolve("speed." + format);
            Files.deleteIfExists(path);
            String name = format.name().toLowerCase(Locale.ROOT);
            for (boolean fresh : new boolean[] {true, false}) {
                for (long step : new long[] {BLOCK, STRIDE}) {
                    for (boolean write : new boolean[] {true, false}) {
                        if (fresh && !write) {
                            continue;
                        }
                        double ours = 0;
                        double qemu = 0;
                        for (int round = 0; round < 3; round++) {
                            prepare(path, format, fresh);
                            ours = Math.max(ours, ours(path, format, step, write));
                            prepare(path, format, fresh);
                            qemu = Math.max(qemu, qemu(path, name, step, write));
                        }
                        String what = name + (fresh ? " allocating" : "") + (step == BLOCK ? " sequential " : " strided ") + (write ? "write" : "read");
                        System.err.printf("%-36s ours %,9.0f/s  qemu-img %,9.0f/s  ratio %.2f%n", what, ours, qemu, ours / qemu);
                    }
                }
            }
            Files.delete(path);
        }
    }

    /** A new image, or one that is all allocated. */
    private static void prepare(Path path, Format format, boolean fresh) throws Exception {
        if (!fresh && Files.exists(path) && Files.size(path) > SIZE / 2 && Files.exists(path.resolveSibling("full"))) {
            return;
        }
        Files.deleteIfExists(path);
        Files.deleteIfExists(path.resolveSibling("full"));
        if (format == Format.RAW) {
            Images.createRaw(path, SIZE, Preallocation.OFF);
        } else {
            Images.createQcow2(path, NewImage.of(SIZE), Preallocation.OFF);
        }
        if (!fresh) {
            try (BlockBackend disk = Images.open(path, format, Access.WRITE, BackingRoots.NONE); Arena arena = Arena.ofConfined()) {
                MemorySegment chunk = arena.allocate(1 << 20).fill((byte) 7);
                for (long at = 0; at < SIZE; at += 1 << 20) {
                    disk.write(at, chunk);
                }
            }
            Files.createFile(path.resolveSibling("full"));
            path.resolveSibling("full").toFile().deleteOnExit();
        }
    }

    private static double ours(Path path, Format format, long step, boolean write) throws Exception {
        try (BlockBackend disk = Images.open(path, format, Access.WRITE, BackingRoots.NONE); Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK).fill((byte) 9);
            long start = System.nanoTime();
            long at = 0;
            for (int i = 0; i < COUNT; i++) {
                if (write) {
                    disk.write(at, block);
                } else {
                    disk.read(at, block);
                }
                at = (at + step) % SIZE;
            }
            return COUNT * 1e9 / (System.nanoTime() - start);
        }
    }

    private static double qemu(Path path, String format, long step, boolean write) throws Exception {
        String[] command = {"bench", "-c", "" + COUNT, "-d", "1", "-f", format, "-s", "" + BLOCK, "-S", "" + step, "-t", "writeback", write ? "-w" : "-q", path.toString()};
        String output = QemuImg.run(java.util.Arrays.stream(command).filter(word -> !word.equals("-q")).toArray(String[]::new)).output();
        java.util.regex.Matcher seconds = java.util.regex.Pattern.compile("completed in ([0-9.]+) seconds").matcher(output);
        if (!seconds.find()) {
            throw new IllegalStateException(output);
        }
        return COUNT / Double.parseDouble(seconds.group(1));
    }
}
