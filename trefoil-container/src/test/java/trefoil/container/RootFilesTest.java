package trefoil.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.capability.FileOwner;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Open;
import trefoil.linux.mount.Mounts;

@Timeout(30)
class RootFilesTest {
    private static final int BASE = 0x5000_0000;

    @TempDir
    Path temporary;

    private Path outside;
    private Path root;
    private RootFiles files;

    @BeforeEach
    void open() throws Exception {
        outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        root = Files.createDirectories(temporary.resolve("root/etc")).getParent();
        Files.createDirectory(root.resolve("dir"));
        Files.writeString(root.resolve("etc/hostname"), "leaf\n");
        files = new RootFiles(Open.open(root.toString(), Open.O_PATH | Open.O_DIRECTORY, 0), BASE, false);
    }

    @AfterEach
    void close() {
        files.close();
    }

    private static String read(ContainerFiles files, String path) throws IOException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        files.read(path, to);
        return to.toString(UTF_8);
    }

    private static void write(ContainerFiles files, String path, String text) throws IOException {
        files.write(path, new ByteArrayInputStream(text.getBytes(UTF_8)), 0, 0, 0644);
    }

    private static void fails(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class,
                        e -> assertThat(Errno.name(e.errno())).as(e.getMessage()).isEqualTo(Errno.name(errno)));
    }

    @Test
    void linksAreMadeAndSeenAsTheyAre() throws Exception {
        files.makeLink("/dir/link", "../../outside/secret", 7, 8);
        assertThat(files.lstat("/dir/link")).isEqualTo(new ContainerFiles.Entry("symlink", 0777, 7, 8, 20, "../../outside/secret"));
        assertThat(files.lstat("/etc/hostname").type()).isEqualTo("file");
        assertThat(Files.readSymbolicLink(root.resolve("dir/link"))).isEqualTo(Path.of("../../outside/secret"));
        files.makeLink("/dir/link", "/etc/hostname", 0, 0);
        assertThat(read(files, "/dir/link")).isEqualTo("leaf\n");
        write(files, "/dir/file", "text");
        files.makeLink("/dir/file", "link", 0, 0);
        assertThat(files.lstat("/dir/file").target()).isEqualTo("link");
        fails(Errno.EISDIR, () -> files.makeLink("/dir", "x", 0, 0));
        fails(Errno.ENOENT, () -> files.makeLink("/none/x", "x", 0, 0));
        fails(Errno.ENOENT, () -> files.lstat("/none"));
        assertThat(files.list("/dir")).containsExactly("file", "link");
        assertThat(Files.readString(outside.resolve("secret"))).isEqualTo("secret");
    }

    @Test
    void filesGoInAndOut() throws Exception {
        files.makeDirectory("/srv", 5, 6, 0751);
        files.makeDirectory("/srv/", 0, 0, 0700);
        files.write("/srv/page", new ByteArrayInputStream("clover".getBytes(UTF_8)), 33, 34, 04640);
        assertThat(read(files, "/srv/page")).isEqualTo("clover");
        assertThat(files.stat("/srv/page")).isEqualTo(new ContainerFiles.Entry("file", 04640, 33, 34, 6, null));
        assertThat(files.stat("/srv/../srv").uid()).isEqualTo(5);
        assertThat(files.stat("/srv").mode()).isEqualTo(0751);
        write(files, "/srv/page", "new");
        assertThat(read(files, "/srv/page")).isEqualTo("new");
        assertThat(files.stat("/srv/page").mode()).isEqualTo(0644);
        assertThat(files.list("/srv")).containsExactly("page");
        assertThat(files.list("/")).containsExactly("dir", "etc", "srv");
        fails(Errno.ENOTEMPTY, () -> files.remove("/srv"));
        files.remove("/srv/page");
        files.remove("/srv");
        fails(Errno.ENOENT, () -> files.stat("/srv"));
        fails(Errno.ENOENT, () -> files.remove("/srv"));
        fails(Errno.ENOENT, () -> write(files, "/srv/page", ""));
        fails(Errno.EINVAL, () -> files.stat("etc"));
        fails(Errno.EINVAL, () -> files.write("/x", InputStream.nullInputStream(), 65536, 0, 0));
        fails(Errno.EINVAL, () -> files.stat("/a\0b"));
        fails(Errno.ENAMETOOLONG, () -> files.stat("/" + "x".repeat(300)));
        assertThat(root.resolve("x")).doesNotExist();
    }

    @Test
    void linksAreFollowedAsInsideAndNeverOut() throws Exception {
        Files.createSymbolicLink(root.resolve("absolute"), Path.of("/etc/hostname"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../../../etc/hostname"));
        Files.createSymbolicLink(root.resolve("out"), outside);
        Files.createSymbolicLink(root.resolve("dir/rel"), Path.of("../etc/./new"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        Files.createSymbolicLink(root.resolve("dirlink"), Path.of("etc/"));
        assertThat(read(files, "/absolute")).isEqualTo("leaf\n");
        assertThat(read(files, "/up")).isEqualTo("leaf\n");
        fails(Errno.ENOENT, () -> read(files, "/out/secret"));
        fails(Errno.ENOENT, () -> write(files, "/out/secret", "gotcha"));
        fails(Errno.ENOENT, () -> read(files, "/../../outside/secret"));
        fails(Errno.ELOOP, () -> write(files, "/loop", ""));
        assertThat(files.stat("/loop").type()).isEqualTo("symlink");
        assertThat(files.stat("/out")).satisfies(entry -> {
            assertThat(entry.type()).isEqualTo("symlink");
            assertThat(entry.target()).isEqualTo(outside.toString());
        });
        write(files, "/up", "changed\n");
        assertThat(root.resolve("etc/hostname")).hasContent("changed\n");
        assertThat(root.resolve("up")).isSymbolicLink();
        write(files, "/dir/rel", "made\n");
        assertThat(root.resolve("etc/new")).hasContent("made\n");
        files.makeDirectory("/dirlink", 0, 0, 0755);
        files.remove("/dir/rel");
        assertThat(root.resolve("etc/new")).exists();
        assertThat(Files.exists(root.resolve("dir/rel"), LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(outside.resolve("secret")).hasContent("secret");
    }

    @Test
    void whatIsNoFileIsNeverOpened() throws Exception {
        try (FileDescriptor dir = Open.open(root.resolve("dir").toString(), Open.O_RDONLY, 0)) {
            Directories.mknodat(dir, "fifo", FileStatus.S_IFIFO | 0666, 0);
            Directories.mknodat(dir, "socket", FileStatus.S_IFSOCK | 0666, 0);
            Directories.mknodat(dir, "zero", FileStatus.S_IFCHR | 0666, 1 << 8 | 5);
        }
        for (String name : List.of("/dir/fifo", "/dir/socket", "/dir/zero")) {
            fails(Errno.EINVAL, () -> read(files, name));
            fails(Errno.EINVAL, () -> write(files, name, "x"));
            assertThat(files.stat(name).type()).isEqualTo("other");
            files.remove(name);
        }
        fails(Errno.EISDIR, () -> read(files, "/etc"));
        fails(Errno.EISDIR, () -> write(files, "/etc", ""));
        fails(Errno.EISDIR, () -> write(files, "/etc/..", ""));
        fails(Errno.EISDIR, () -> write(files, "/", ""));
        fails(Errno.EISDIR, () -> files.remove("/"));
        fails(Errno.ENOTDIR, () -> files.list("/etc/hostname"));
        fails(Errno.EEXIST, () -> files.makeDirectory("/etc/hostname", 0, 0, 0755));
    }

    @Test
    void interfacesOfTheKernelAreLeftAlone() throws Exception {
        try (RootFiles host = new RootFiles(Open.open("/", Open.O_PATH | Open.O_DIRECTORY, 0), BASE, false)) {
            fails(Errno.EOPNOTSUPP, () -> read(host, "/proc/version"));
            fails(Errno.EOPNOTSUPP, () -> write(host, "/proc/version", ""));
            fails(Errno.EOPNOTSUPP, () -> host.makeDirectory("/sys/fs/cgroup/unified/trefoil-no", 0, 0, 0755));
            fails(Errno.ELOOP, () -> read(host, "/proc/self/root/etc/passwd"));
            assertThat(host.stat("/proc/self/cwd").type()).isEqualTo("symlink");
        }
    }

    @Test
    void aFailedWriteLeavesWhatWasThere() throws Exception {
        InputStream breaks = new InputStream() {
            private int left = 300_000;

            @Override
            public int read() throws IOException {
                if (left-- == 0) {
                    throw new IOException("the client went away");
                }
                return 'x';
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                into[offset] = (byte) read();
                return 1;
            }
        };
        assertThatThrownBy(() -> files.write("/etc/hostname", breaks, 0, 0, 0644))
                .hasMessage("the client went away");
        assertThat(root.resolve("etc/hostname")).hasContent("leaf\n");
        assertThat(files.list("/etc")).containsExactly("hostname");
    }

    @Test
    void aFullDiskLeavesWhatWasThere() throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/loop-control")), "needs root for a loop device");
        Path directory = temporary.resolve("disk");
        try (FileDescriptor holder = RootDisk.open(directory, RootDisk.LEAST)) {
            FileDescriptor upper = Open.openat2(holder, "upper", Open.O_PATH | Open.O_DIRECTORY, 0, 0);
            try (RootFiles full = new RootFiles(upper, BASE, false)) {
                write(full, "/config", "old");
                byte[] chunk = new byte[1 << 20];
                InputStream endless = new InputStream() {
                    @Override
                    public int read() {
                        return 1;
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        return Math.min(length, chunk.length);
                    }
                };
                fails(Errno.ENOSPC, () -> full.write("/config", endless, 0, 0, 0600));
                assertThat(read(full, "/config")).isEqualTo("old");
                assertThat(full.list("/")).containsExactly("config");
            }
        } finally {
            RootDisk.delete(directory);
        }
    }

    /** A guest that swaps a directory for a link out of its root all the time. */
    @Test
    void aDirectorySwappedMeanwhileNeverLeadsOut() throws Exception {
        Files.createSymbolicLink(root.resolve("trap"), outside);
        AtomicBoolean stop = new AtomicBoolean();
        Thread guest = Thread.ofPlatform().start(() -> {
            try (FileDescriptor top = Open.open(root.toString(), Open.O_RDONLY | Open.O_DIRECTORY, 0)) {
                while (!stop.get()) {
                    Directories.renameat2(top, "dir", top, "trap", Directories.RENAME_EXCHANGE);
                }
            } catch (ErrnoException e) {
                throw new IllegalStateException(e);
            }
        });
        int inside = 0;
        for (int i = 0; i < 4000; i++) {
            try {
                write(files, "/dir/secret", "from outside");
                files.makeDirectory("/dir/made", 1, 1, 0700);
                files.remove("/dir/made");
                inside++;
            } catch (ErrnoException e) {
                assertThat(e.errno()).isIn(Errno.ENOENT, Errno.ELOOP, Errno.ENOTDIR, Errno.EEXIST);
            }
            ByteArrayOutputStream to = new ByteArrayOutputStream();
            try {
                files.read("/dir/secret", to);
                assertThat(to.toString(UTF_8)).isEqualTo("from outside");
            } catch (ErrnoException e) {
                assertThat(e.errno()).isIn(Errno.ENOENT, Errno.ELOOP, Errno.ENOTDIR);
            }
        }
        stop.set(true);
        guest.join();
        assertThat(inside).isPositive();
        assertThat(outside).isDirectoryNotContaining(path -> !path.endsWith("secret"));
        assertThat(outside.resolve("secret")).hasContent("secret");
    }

    /** As of a running container: the tree through an id-mapped mount, where the host's root may make nothing. */
    @Test
    void idsAreThoseInside() throws Exception {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "needs root for an id-mapped mount");
        Process holder = new ProcessBuilder("unshare", "--user", "sh", "-c", "echo ready; read forever").start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('r');
            Files.writeString(Path.of("/proc/" + holder.pid() + "/uid_map"), "0 " + BASE + " 65536");
            Files.writeString(Path.of("/proc/" + holder.pid() + "/gid_map"), "0 " + BASE + " 65536");
            try (FileDescriptor namespace =
                            Open.open("/proc/" + holder.pid() + "/ns/user", Open.O_RDONLY, 0);
                    FileDescriptor mount = idmapped(namespace);
                    RootFiles mapped = new RootFiles(
                            Open.openat2(mount, ".", Open.O_PATH | Open.O_DIRECTORY, 0, 0), BASE, true)) {
                assertThat(mapped.stat("/etc/hostname").uid()).isZero();
                mapped.makeDirectory("/home", 1000, 100, 0700);
                mapped.write("/home/letter", new ByteArrayInputStream(new byte[3]), 1000, 65535, 02600);
                assertThat(mapped.stat("/home/letter"))
                        .isEqualTo(new ContainerFiles.Entry("file", 02600, 1000, 65535, 3, null));
                assertThat(read(mapped, "/home/letter")).hasSize(3);
                assertThat(Files.getAttribute(root.resolve("home/letter"), "unix:uid")).isEqualTo(1000);
                assertThat(Files.getAttribute(root.resolve("home/letter"), "unix:gid")).isEqualTo(65535);
                mapped.remove("/home/letter");
                mapped.remove("/home");
                Files.setAttribute(root.resolve("etc/hostname"), "unix:uid", 70_000);
                assertThat(mapped.stat("/etc/hostname").uid()).isEqualTo(65534);
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    /** The root that a running container has: an overlay of id-mapped parts on a limited disk. */
    @Test
    void anOverlayOfIdMappedLayersServesToo() throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/loop-control")), "needs root for mounts");
        Process holder = new ProcessBuilder("unshare", "--user", "sh", "-c", "echo ready; read forever").start();
        Path directory = temporary.resolve("server");
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('r');
            Files.writeString(Path.of("/proc/" + holder.pid() + "/uid_map"), "0 " + BASE + " 65536");
            Files.writeString(Path.of("/proc/" + holder.pid() + "/gid_map"), "0 " + BASE + " 65536");
            try (FileDescriptor namespace = Open.open("/proc/" + holder.pid() + "/ns/user", Open.O_RDONLY, 0);
                    FileDescriptor disk = RootDisk.open(directory, RootDisk.LEAST);
                    FileDescriptor overlay = FileOwner.as(BASE, BASE, () -> overlay(disk, namespace));
                    RootFiles mapped = new RootFiles(
                            Open.openat2(overlay, ".", Open.O_PATH | Open.O_DIRECTORY, 0, 0), BASE, true)) {
                write(mapped, "/etc/hostname", "changed");
                assertThat(read(mapped, "/etc/hostname")).isEqualTo("changed");
                assertThat(mapped.stat("/etc/hostname").uid()).isZero();
                mapped.remove("/etc/hostname");
                fails(Errno.ENOENT, () -> mapped.stat("/etc/hostname"));
                mapped.remove("/etc");
                mapped.makeDirectory("/etc", 7, 8, 0755);
                assertThat(mapped.list("/etc")).isEmpty();
                mapped.write("/etc/own", new ByteArrayInputStream(new byte[9]), 9, 10, 0600);
                assertThat(mapped.stat("/etc/own")).isEqualTo(new ContainerFiles.Entry("file", 0600, 9, 10, 9, null));
            }
            assertThat(root.resolve("etc/hostname")).hasContent("leaf\n");
        } finally {
            holder.destroyForcibly().waitFor();
            RootDisk.delete(directory);
        }
    }

    /** What the overlay makes for itself belongs to whoever mounts it, so that is root inside. */
    private FileDescriptor overlay(FileDescriptor disk, FileDescriptor namespace) throws IOException {
        try (FileDescriptor lower = Mounts.open_tree(root.toString());
                FileDescriptor own = Mounts.open_tree(disk, "");
                FileDescriptor context = Mounts.fsopen("overlay")) {
            Mounts.idmap(lower, namespace);
            Mounts.idmap(own, namespace);
            try (FileDescriptor upper = Open.openat2(own, "upper", Open.O_PATH, 0, 0);
                    FileDescriptor work = Open.openat2(own, "work", Open.O_PATH, 0, 0)) {
                Mounts.set(context, "lowerdir", lower.path());
                Mounts.set(context, "upperdir", upper.path());
                Mounts.set(context, "workdir", work.path());
                Mounts.create(context);
            }
            return Mounts.fsmount(context, 0);
        }
    }

    private FileDescriptor idmapped(FileDescriptor namespace) throws Exception {
        FileDescriptor mount = Mounts.open_tree(root.toString());
        Mounts.idmap(mount, namespace);
        return mount;
    }
}
