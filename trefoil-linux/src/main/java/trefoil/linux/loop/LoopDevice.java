package trefoil.linux.loop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * A loop(4) device: a file as a block device. Devices are attached with LO_FLAGS_AUTOCLEAR: the kernel detaches one when its
 * last user (a mount, or an open descriptor such as this object) lets go, even when this process is killed.
 *
 * <p>Two devices on one file would be two caches of one disk and ruin it: callers {@link #find} before they {@link #attach}, under
 * a lock of their own.
 */
public final class LoopDevice implements AutoCloseable {
    private static final int SYS_IOCTL = 16;
    private static final int LOOP_CLR_FD = 0x4C01;
    private static final int LOOP_GET_STATUS64 = 0x4C05;
    private static final int LOOP_SET_CAPACITY = 0x4C07;
    private static final int LOOP_CONFIGURE = 0x4C0A;
    private static final int LOOP_CTL_GET_FREE = 0x4C82;
    private static final int LO_FLAGS_AUTOCLEAR = 4;
    private static final int LO_FLAGS_DIRECT_IO = 16;
    // struct loop_config {u32 fd, block_size; struct loop_info64 info; u64 reserved[8]}, linux/loop.h
    private static final int CONFIG_SIZE = 304;
    private static final int CONFIG_INFO = 8;
    // struct loop_info64 {u64 device, inode, rdevice, offset, sizelimit; u32 number, encrypt_type, key_size, flags; …}
    private static final int INFO_SIZE = 232;
    private static final int INFO_FLAGS = 52;
    private static final int INFO_FILE_NAME = 56;
    private static final int FILE_NAME_SIZE = 64;
    private static final int ATTEMPTS = 64;
    private static final Path DEVICES = Path.of("/sys/block");

    private final FileDescriptor device;
    private final Path path;

    private LoopDevice(FileDescriptor device, Path path) {
        this.device = device;
        this.path = path;
    }

    /**
     * Attaches a file to a free device, with direct I/O (no second cache) where the file's system can.
     *
     * @param image open for reading and writing
     * @param name for people, as losetup(8) shows it
     * @param blockSize logical block size in bytes: 512, 1024, 2048 or 4096
     */
    public static LoopDevice attach(FileDescriptor image, String name, int blockSize) throws IOException {
        try (FileDescriptor control = Open.open("/dev/loop-control", Open.O_RDWR, 0)) {
            for (int attempt = 0; ; attempt++) {
                int number = (int) ioctl("LOOP_CTL_GET_FREE", control, LOOP_CTL_GET_FREE, 0);
                LoopDevice loop = open(number);
                try {
                    loop.configure(image, name, blockSize);
                    return loop;
                } catch (ErrnoException e) {
                    loop.close();
                    if (e.errno() != Errno.EBUSY || attempt == ATTEMPTS) { // EBUSY: another process was quicker
                        throw e;
                    }
                }
            }
        }
    }

    private static LoopDevice open(int number) throws ErrnoException {
        Path path = Path.of("/dev/loop" + number);
        return new LoopDevice(Open.open(path.toString(), Open.O_RDWR, 0), path);
    }

    private void configure(FileDescriptor image, String name, int blockSize) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment config = arena.allocate(CONFIG_SIZE, 8);
            config.set(ValueLayout.JAVA_INT, 0, image.number());
            config.set(ValueLayout.JAVA_INT, 4, blockSize);
            config.set(ValueLayout.JAVA_INT, CONFIG_INFO + INFO_FLAGS, LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO);
            byte[] shown = name.getBytes(StandardCharsets.UTF_8);
            int length = Math.min(shown.length, FILE_NAME_SIZE - 1);
            MemorySegment.copy(
                    shown, 0, config, ValueLayout.JAVA_BYTE, CONFIG_INFO + INFO_FILE_NAME, length);
            ioctl("LOOP_CONFIGURE", device, LOOP_CONFIGURE, config.address());
        }
    }

    /** The device that a file is attached to. While this process holds it open it stays attached. */
    public static Optional<LoopDevice> find(FileDescriptor image) throws IOException {
        FileStatus wanted = Inodes.fstat(image);
        try (DirectoryStream<Path> devices = Files.newDirectoryStream(DEVICES, "loop*")) {
            for (Path entry : devices) {
                if (!Files.exists(entry.resolve("loop/backing_file"))) {
                    continue;
                }
                String digits = entry.getFileName().toString().substring("loop".length());
                Optional<LoopDevice> loop = openIfAttachedTo(Integer.parseInt(digits), wanted);
                if (loop.isPresent()) {
                    return loop;
                }
            }
        } catch (NoSuchFileException e) {
            return Optional.empty(); // no loop driver, so nothing is attached
        }
        return Optional.empty();
    }

    private static Optional<LoopDevice> openIfAttachedTo(int number, FileStatus wanted) throws ErrnoException {
        LoopDevice loop;
        try {
            loop = open(number);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENXIO || e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_SIZE, 8);
            ioctl("LOOP_GET_STATUS64", loop.device, LOOP_GET_STATUS64, info.address());
            boolean same = info.get(ValueLayout.JAVA_LONG, 8) == wanted.inode()
                    && info.get(ValueLayout.JAVA_LONG, 0) == encoded(wanted.device());
            if (same) {
                return Optional.of(loop);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENXIO) { // ENXIO: detached since we looked
                loop.close();
                throw e;
            }
        }
        loop.close();
        return Optional.empty();
    }

    /** {@code huge_encode_dev()} of linux/kdev_t.h, the form in which the driver tells the file's device. */
    private static long encoded(long device) {
        long major = device >>> 32;
        long minor = device & 0xFFFFFFFFL;
        return (minor & 0xFF) | major << 8 | (minor & ~0xFFL) << 12;
    }

    /** Its node, {@code /dev/loopN}. */
    public Path path() {
        return path;
    }

    /** LOOP_SET_CAPACITY: takes notice that the file has another size. */
    public void readCapacity() throws ErrnoException {
        ioctl("LOOP_SET_CAPACITY", device, LOOP_SET_CAPACITY, 0);
    }

    /** LOOP_CLR_FD: detaches it once its last user lets go. */
    public void detach() throws ErrnoException {
        try {
            ioctl("LOOP_CLR_FD", device, LOOP_CLR_FD, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENXIO) { // ENXIO: nothing is attached
                throw e;
            }
        }
    }

    /** Lets go; detaches it when nobody else uses it. */
    @Override
    public void close() {
        device.close();
    }

    private static long ioctl(String name, FileDescriptor fd, long request, long argument) throws ErrnoException {
        return Syscall.call("ioctl(" + fd + ", " + name + ")", SYS_IOCTL, fd.number(), request, argument);
    }
}
