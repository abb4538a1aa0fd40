package trefoil.container;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Directories;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;
import trefoil.linux.mount.Mounts;
import trefoil.linux.tty.Terminal;

/**
 * A container's {@code /dev}, made by the host so that no path of the container's own takes part: a small tmpfs with the
 * devices that every program expects, an instance of devpts, and the console, the first terminal of that devpts.
 * Detached; {@link #close} lets go of what was not given away.
 */
final class Devices implements AutoCloseable {
    private static final int TTY_GROUP = 5; // Debian's, and what devpts(5) and mount(8) use
    /**
     * Of the terminals of the whole host (/proc/sys/kernel/pty/max, 4096 by default; Documentation/filesystems/devpts.rst). This
     * devpts may take those that the host keeps in reserve too, so that a server whose neighbours took all others has a console.
     */
    private static final String MOST_TERMINALS = "256";

    private static final int CHARACTER_DEVICE = FileStatus.S_IFCHR;

    private record Node(String name, int major, int minor) {}

    /** Documentation/admin-guide/devices.txt. */
    private static final List<Node> NODES = List.of(
            new Node("null", 1, 3),
            new Node("zero", 1, 5),
            new Node("full", 1, 7),
            new Node("random", 1, 8),
            new Node("urandom", 1, 9),
            new Node("tty", 5, 0));

    private final List<FileDescriptor> open = new ArrayList<>();
    private FileDescriptor directory;
    private FileDescriptor terminals;
    private FileDescriptor master;
    private FileDescriptor sharedMemory;

    private Devices() {}

    static Devices make(int idBase) throws IOException {
        Devices devices = new Devices();
        try {
            devices.directory = devices.keep(directory(idBase));
            devices.sharedMemory = devices.keep(tmpfs(idBase, "1777", null));
            devices.terminals = devices.keep(terminals(idBase));
            devices.master = devices.keep(Terminal.open(devices.terminals));
            Open.nonblocking(devices.master);
            try (FileDescriptor slave = Terminal.slave(devices.master)) {
                Inodes.fchown(slave, idBase, idBase + TTY_GROUP);
            }
            return devices;
        } catch (IOException | RuntimeException e) {
            devices.close();
            throw e;
        }
    }

    private FileDescriptor keep(FileDescriptor fd) {
        open.add(fd);
        return fd;
    }

    /** Gives the console to whoever runs as process 1. */
    void giveConsole(int idBase, int owner) throws ErrnoException {
        if (owner != 0) {
            try (FileDescriptor slave = Terminal.slave(master)) {
                Inodes.fchown(slave, idBase + owner, idBase + TTY_GROUP);
            }
        }
    }

    /** The mount of {@code /dev}. */
    FileDescriptor directory() {
        return directory;
    }

    /** The mount of {@code /dev/pts}; also where terminals for exec are opened. */
    FileDescriptor terminals() {
        return terminals;
    }

    /** The console's other side. */
    FileDescriptor master() {
        return master;
    }

    /** The mount of {@code /dev/shm}. */
    FileDescriptor sharedMemory() {
        return sharedMemory;
    }

    /** A tmpfs that root inside owns. */
    static FileDescriptor tmpfs(int idBase, String mode, String size) throws ErrnoException {
        try (FileDescriptor context = Mounts.fsopen("tmpfs")) {
            Mounts.set(context, "mode", mode);
            Mounts.set(context, "uid", Integer.toString(idBase));
            Mounts.set(context, "gid", Integer.toString(idBase));
            if (size != null) {
                Mounts.set(context, "size", size);
            }
            Mounts.create(context);
            return Mounts.fsmount(context, Mounts.MOUNT_ATTR_NOSUID | Mounts.MOUNT_ATTR_NODEV);
        }
    }

    private static FileDescriptor directory(int idBase) throws ErrnoException {
        try (FileDescriptor context = Mounts.fsopen("tmpfs")) {
            Mounts.set(context, "mode", "755");
            Mounts.set(context, "uid", Integer.toString(idBase));
            Mounts.set(context, "gid", Integer.toString(idBase));
            Mounts.set(context, "size", "1m");
            Mounts.set(context, "nr_inodes", "4k");
            Mounts.create(context);
            FileDescriptor mount = Mounts.fsmount(context, Mounts.MOUNT_ATTR_NOSUID);
            try {
                fill(mount, idBase);
                return mount;
            } catch (ErrnoException e) {
                mount.close();
                throw e;
            }
        }
    }

    private static void fill(FileDescriptor directory, int idBase) throws ErrnoException {
        for (Node node : NODES) {
            Directories.mknodat(directory, node.name(), CHARACTER_DEVICE | 0666, (long) node.major() << 8 | node.minor());
            Inodes.fchmodat(directory, node.name(), 0666); // the umask took bits off
            own(directory, node.name(), idBase);
        }
        Directories.mknodat(directory, "console", FileStatus.S_IFREG | 0600, 0);
        own(directory, "console", idBase);
        for (String place : List.of("pts", "shm", "mqueue")) {
            Directories.mkdirat(directory, place, 0755);
            own(directory, place, idBase);
        }
        link(directory, "fd", "/proc/self/fd", idBase);
        link(directory, "stdin", "/proc/self/fd/0", idBase);
        link(directory, "stdout", "/proc/self/fd/1", idBase);
        link(directory, "stderr", "/proc/self/fd/2", idBase);
        link(directory, "ptmx", "pts/ptmx", idBase);
    }

    private static void link(FileDescriptor directory, String name, String target, int idBase) throws ErrnoException {
        Directories.symlinkat(target, directory, name);
        own(directory, name, idBase);
    }

    private static void own(FileDescriptor directory, String name, int idBase) throws ErrnoException {
        Inodes.fchownat(directory, name, idBase, idBase, Inodes.AT_SYMLINK_NOFOLLOW);
    }

    private static FileDescriptor terminals(int idBase) throws ErrnoException {
        try (FileDescriptor context = Mounts.fsopen("devpts")) {
            Mounts.set(context, "ptmxmode", "0666");
            Mounts.set(context, "mode", "0620");
            Mounts.set(context, "gid", Integer.toString(idBase + TTY_GROUP));
            Mounts.set(context, "max", MOST_TERMINALS);
            Mounts.create(context);
            return Mounts.fsmount(context, Mounts.MOUNT_ATTR_NOSUID | Mounts.MOUNT_ATTR_NOEXEC);
        }
    }

    /** Takes a descriptor out: the caller closes it. */
    FileDescriptor give(FileDescriptor fd) {
        open.remove(fd);
        return fd;
    }

    @Override
    public void close() {
        open.forEach(FileDescriptor::close);
        open.clear();
    }
}
