package trefoil.container;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * What tells one server from another made of the same image: {@code /etc/hostname} (hostname(5)), {@code /etc/hosts}
 * (hosts(5)) and {@code /etc/machine-id} (machine-id(5)). Written through the container's own overlay, resolved inside it,
 * so that no link in an image leads out.
 */
final class Identity {
    private static final String WRITTEN = "identity";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Identity() {}

    /**
     * Gives a new container its identity. Nothing of it has run, so the upper directory is ours: the files are put there
     * directly, beneath an {@code etc} like that of the topmost layer that has one.
     *
     * @return whether there are such files: not where the image has no directory {@code /etc}
     */
    static boolean write(ContainerSpec spec) throws IOException {
        Optional<FileStatus> etc = etc(spec.layers());
        if (etc.isPresent()) {
            try (FileDescriptor disk = RootDisk.open(spec.directory());
                    FileDescriptor directory = makeEtc(disk, etc.get())) {
                put(directory, "hostname", spec.name() + "\n", 0644);
                put(directory, "hosts", hosts(spec.name()), 0644);
                put(directory, "machine-id", machineId() + "\n", 0444);
            }
        }
        written(spec);
        return etc.isPresent();
    }

    /** Notes which name the files tell. */
    static void written(ContainerSpec spec) throws IOException {
        Contents.overwrite(spec.directory().resolve(WRITTEN).toString(), spec.name().getBytes(StandardCharsets.UTF_8), 0644);
    }

    /** What process 1 of a container that was begun under another name has to write. All of it was made by {@link #write}. */
    static List<StartProgram.Text> texts(String name) {
        return List.of(
                new StartProgram.Text("/etc/hostname", name + "\n"), new StartProgram.Text("/etc/hosts", hosts(name)));
    }

    /** What the layers hold at {@code /etc}; empty when that is no directory. */
    private static Optional<FileStatus> etc(List<Path> layers) throws IOException {
        for (Path layer : layers.reversed()) {
            try (FileDescriptor root = Open.open(layer.toString(), Open.O_PATH | Open.O_DIRECTORY, 0)) {
                FileStatus status = Inodes.statx(root, "etc", Inodes.AT_SYMLINK_NOFOLLOW);
                return status.isDirectory() ? Optional.of(status) : Optional.empty();
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        return Optional.empty();
    }

    private static FileDescriptor makeEtc(FileDescriptor disk, FileStatus like) throws ErrnoException {
        int beneath = Open.RESOLVE_BENEATH | Open.RESOLVE_NO_SYMLINKS;
        try (FileDescriptor upper = Open.openat2(disk, "upper", Open.O_PATH | Open.O_DIRECTORY, 0, beneath)) {
            Directories.mkdirat(upper, "etc", like.permissions());
            Inodes.fchownat(upper, "etc", like.uid(), like.gid(), Inodes.AT_SYMLINK_NOFOLLOW);
            Inodes.fchmodat(upper, "etc", like.permissions());
            return Open.openat2(upper, "etc", Open.O_RDONLY | Open.O_DIRECTORY, 0, beneath);
        }
    }

    private static void put(FileDescriptor directory, String name, String text, int mode) throws ErrnoException {
        int flags = Open.O_WRONLY | Open.O_CREAT | Open.O_EXCL | Open.O_NOFOLLOW;
        try (FileDescriptor file = Open.openat2(directory, name, flags, mode, Open.RESOLVE_BENEATH)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Contents.writeFully(file, bytes, 0, bytes.length);
            Inodes.fchmod(file, mode);
        }
    }

    /** Gives a container that was renamed its new name, through its own overlay; its machine id stays. */
    static void follow(ContainerSpec spec) throws IOException {
        Path written = spec.directory().resolve(WRITTEN);
        try {
            if (Files.readString(written).equals(spec.name())) {
                return;
            }
        } catch (NoSuchFileException e) {
            return; // not made by create: its files are its own
        }
        try (FileDescriptor disk = RootDisk.open(spec.directory());
                RootMount.Root root = RootMount.open(spec.layers(), disk, null, 0);
                ContainerFiles files = new RootFiles(root.mount(), 0, false)) {
            if (hasEtc(files)) {
                put(files, "/etc/hostname", spec.name() + "\n");
                put(files, "/etc/hosts", hosts(spec.name()));
            }
        }
        written(spec);
    }

    private static boolean hasEtc(ContainerFiles files) throws IOException {
        try {
            return files.stat("/etc").type().equals("directory");
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void put(ContainerFiles files, String path, String text) throws IOException {
        files.write(path, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 0, 0, 0644);
    }

    private static String hosts(String name) {
        return "127.0.0.1\tlocalhost\n127.0.1.1\t" + name
                + "\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
    }

    /** 128 random bits that are also a version 4 UUID, as systemd makes them. */
    private static String machineId() {
        byte[] id = new byte[16];
        RANDOM.nextBytes(id);
        id[6] = (byte) (id[6] & 0x0F | 0x40);
        id[8] = (byte) (id[8] & 0x3F | 0x80);
        return HexFormat.of().formatHex(id);
    }
}
