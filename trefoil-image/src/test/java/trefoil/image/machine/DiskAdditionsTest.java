package trefoil.image.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.image.ImageException;
import trefoil.image.unpack.MergedTree;

class DiskAdditionsTest {
    @TempDir
    Path temp;

    private Path lower;
    private Path upper;
    private Path layer;

    @BeforeEach
    void layers() throws Exception {
        lower = Files.createDirectory(temp.resolve("lower"));
        upper = Files.createDirectory(temp.resolve("upper"));
        layer = Files.createDirectory(temp.resolve("layer"));
    }

    private String write() throws Exception {
        try (MergedTree tree = new MergedTree(List.of(lower, upper))) {
            return new DiskAdditions(tree, layer).write(Files.writeString(temp.resolve("busybox"), "program"));
        }
    }

    @Test
    void modulesFollowALinkOfAMergedUsr() throws Exception {
        Files.createDirectories(upper.resolve("usr/lib"));
        Files.setPosixFilePermissions(upper.resolve("usr"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.createSymbolicLink(lower.resolve("lib"), Path.of("usr/lib"));
        assertThat(write()).isEqualTo("usr/lib/modules");
        assertThat(layer.resolve("usr/lib/modules")).isDirectory();
        assertThat(layer.resolve("lib")).doesNotExist();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(layer.resolve("usr")))).isEqualTo("rwxr-x---");
    }

    @Test
    void mountPointsAreMadeWhereTheyLack() throws Exception {
        Files.createDirectory(lower.resolve("proc"));
        assertThat(write()).isEqualTo("lib/modules");
        assertThat(layer.resolve("proc")).doesNotExist();
        assertThat(layer.resolve("dev")).isDirectory();
        assertThat(layer.resolve("sys")).isDirectory();
        assertThat(layer.resolve("run")).isDirectory();
    }

    @Test
    void systemdLogsRootInOnTheSerialConsoleAlone() throws Exception {
        Files.createDirectories(lower.resolve("usr/lib/systemd"));
        Files.createFile(lower.resolve("usr/lib/systemd/systemd"));
        write();
        assertThat(layer.resolve("etc/systemd/system/serial-getty@ttyS0.service")).content().contains("--autologin root", "ttyS0");
        assertThat(Files.readSymbolicLink(layer.resolve("etc/systemd/system/console-getty.service"))).hasToString("/dev/null");
    }

    @Test
    void busyboxGetsItsShellOnTheSerialConsole() throws Exception {
        Files.createDirectories(lower.resolve("etc"));
        Files.createDirectories(upper.resolve("bin"));
        Files.createDirectories(upper.resolve("sbin"));
        Files.createFile(upper.resolve("bin/busybox"));
        Files.createSymbolicLink(upper.resolve("sbin/init"), Path.of("/bin/busybox"));
        Files.writeString(lower.resolve("etc/inittab"), "::sysinit:/etc/init.d/rcS\nconsole::respawn:-/bin/sh\n");
        write();
        assertThat(layer.resolve("etc/inittab")).hasContent("::sysinit:/etc/init.d/rcS\nttyS0::respawn:-/bin/sh\n");
    }

    @Test
    void inittabsThatHaveOneKeepIt() {
        assertThat(DiskAdditions.inittab("ttyS0::respawn:/sbin/getty\n")).isEqualTo("ttyS0::respawn:/sbin/getty\n");
        assertThat(DiskAdditions.inittab("tty1::respawn:x")).isEqualTo("tty1::respawn:x\nttyS0::respawn:-/bin/sh\n");
    }

    @Test
    void linksOfAnImageAreNotFollowedOnTheHost() throws Exception {
        Path host = Files.createDirectories(temp.resolve("host/systemd/system"));
        Files.createSymbolicLink(lower.resolve("etc"), temp.resolve("host"));
        Files.createSymbolicLink(lower.resolve("lib"), temp.resolve("host"));
        Files.createDirectories(lower.resolve("usr/lib/systemd"));
        Files.createFile(lower.resolve("usr/lib/systemd/systemd"));
        assertThatThrownBy(this::write).isInstanceOf(ImageException.class);
        assertThat(host).isEmptyDirectory();
        assertThat(temp.resolve("host/modules")).doesNotExist();
    }

    @Test
    void anImageWithoutInitIsRefused() throws Exception {
        try (MergedTree tree = new MergedTree(List.of(lower, upper))) {
            assertThatThrownBy(() -> new DiskAdditions(tree, layer).requireInit("it")).isInstanceOf(ImageException.class).hasMessageContaining("/sbin/init");
        }
    }

    @Test
    void modulesCanBeLoadedWhereTheImageHasNothingForThem() throws Exception {
        Files.createDirectories(upper.resolve("usr/sbin"));
        Files.createSymbolicLink(lower.resolve("sbin"), Path.of("usr/sbin"));
        Files.createFile(upper.resolve("usr/sbin/lsmod"));
        write();
        assertThat(Files.readSymbolicLink(layer.resolve("usr/sbin/modprobe"))).hasToString("/usr/lib/trefoil/busybox");
        assertThat(layer.resolve("usr/sbin/lsmod")).doesNotExist();
        assertThat(layer.resolve("usr/lib/trefoil/busybox")).content().isEqualTo("program");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(layer.resolve("usr/lib/trefoil/busybox")))).isEqualTo("rwxr-xr-x");
    }

    @Test
    void anImageThatLoadsModulesIsLeftAlone() throws Exception {
        Files.createDirectories(upper.resolve("sbin"));
        Files.createFile(upper.resolve("sbin/modprobe"));
        write();
        assertThat(layer.resolve("usr/lib/trefoil")).doesNotExist();
        assertThat(layer.resolve("sbin/insmod")).doesNotExist();
    }

    @Test
    void anImageWithAFileInTheWayIsRefused() throws Exception {
        Files.createFile(lower.resolve("lib"));
        assertThatThrownBy(this::write).isInstanceOf(ImageException.class).hasMessageContaining("/lib");
    }
}
