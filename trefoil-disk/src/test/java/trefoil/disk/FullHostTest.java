package trefoil.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import trefoil.disk.HostFile.Access;
import trefoil.disk.Images.Format;
import trefoil.disk.Images.Preallocation;
import trefoil.disk.qcow2.Check;
import trefoil.disk.qcow2.NewImage;
import trefoil.linux.FileDescriptor;
import trefoil.linux.mount.Mounts;
import trefoil.machine.BlockBackend;
import trefoil.machine.IoStatus;

/** A file system of the kernel's that runs full under an image, and has room again later. */
class FullHostTest {
    private static final int SIZE = 8 << 20;

    @ParameterizedTest
    @EnumSource(Format.class)
    void guestIsToldAndGoesOnWhenThereIsRoom(Format format) throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: mounts a tmpfs");
        QemuImg.assumePresent();
        try (FileDescriptor context = Mounts.fsopen("tmpfs")) {
            Mounts.set(context, "size", "4m");
            Mounts.create(context);
            try (FileDescriptor mount = Mounts.fsmount(context, 0)) {
                fill(Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + mount.number()), format);
            }
        }
    }

    private static void fill(Path directory, Format format) throws Exception {
        Path image = directory.resolve("image");
        Path other = Files.write(directory.resolve("other"), new byte[2 << 20]);
        if (format == Format.RAW) {
            Images.createRaw(image, SIZE, Preallocation.OFF);
        } else {
            Images.createQcow2(image, NewImage.of(SIZE).withClusterSize(4096), Preallocation.OFF);
        }
        byte[] content = new byte[SIZE];
        byte[] piece = new byte[50_000];
        Random random = new Random(1);
        int at = 0;
        try (BlockBackend disk = Images.open(image, format, Access.WRITE, BackingRoots.NONE)) {
            for (IoStatus status = IoStatus.OK; status == IoStatus.OK; ) {
                random.nextBytes(piece);
                status = RandomLoad.write(disk, at, piece);
                if (status == IoStatus.OK) {
                    status = disk.flush();
                    System.arraycopy(piece, 0, content, at, piece.length);
                    at += piece.length;
                }
                assertThat(status).isIn(IoStatus.OK, IoStatus.NO_SPACE);
            }
            assertThat(at).isGreaterThan(1 << 20);
            assertThat(RandomLoad.read(disk, 0, at - piece.length)).isEqualTo(Arrays.copyOf(content, at - piece.length));
            Files.delete(other);
            System.arraycopy(piece, 0, content, at, piece.length);
            assertThat(RandomLoad.write(disk, at, piece)).isEqualTo(IoStatus.OK);
            assertThat(disk.flush()).isEqualTo(IoStatus.OK);
            assertThat(RandomLoad.read(disk, 0, SIZE)).isEqualTo(content);
        }
        if (format == Format.QCOW2) {
            assertThat(Images.check(image, Check.Repair.NOTHING).corruptions()).isZero();
            QemuImg.Result checked = QemuImg.run("check", "-f", "qcow2", image.toString());
            assertThat(checked.status()).as(checked.output()).isIn(0, 3);
        }
    }
}
