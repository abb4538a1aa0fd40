package trefoil.linux.cgroup;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;
import trefoil.linux.host.KernelFile;

/** Directories of cgroup file systems: a directory is a group, mkdir(2) makes one and rmdir(2) removes it. */
final class GroupDirectory {
    private static final int SYS_MKDIRAT = 258;
    private static final int SYS_FCHOWNAT = 260;
    private static final int SYS_UNLINKAT = 263;
    private static final int AT_FDCWD = -100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int DIRECTORY = KernelFile.O_RDONLY | KernelFile.O_DIRECTORY | KernelFile.O_NOFOLLOW;

    private GroupDirectory() {}

    /** mkdirat(2). */
    static void make(Path directory) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            String name = "mkdir(\"" + directory + "\")";
            Syscall.call(name, SYS_MKDIRAT, AT_FDCWD, arena.allocateFrom(directory.toString()).address(), 0755);
        }
    }

    /** Makes it, and the one above it when that is missing; {@code whenMade} runs once the one above has been made. */
    static void makeBelow(Path directory, TopMade whenMade) throws IOException {
        try {
            make(directory);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            makeUnlessThere(directory.getParent());
            whenMade.accept(directory.getParent());
            make(directory);
        }
    }

    /** Told of a top group that is new. */
    @FunctionalInterface
    interface TopMade {
        void accept(Path top) throws IOException;
    }

    private static void makeUnlessThere(Path directory) throws ErrnoException {
        try {
            make(directory);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** fchownat(2), user and group alike; false when there is no such file. */
    static boolean chown(Path file, int owner) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(file.toString()).address();
            String name = "chown(\"" + file + "\", " + owner + ")";
            Syscall.call(name, SYS_FCHOWNAT, AT_FDCWD, path, owner, owner, AT_SYMLINK_NOFOLLOW, 0);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** rmdir(2); true when it is gone, false when it is busy (EBUSY: processes or groups in it). */
    static boolean remove(Path directory) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(directory.toString()).address();
            return removed(
                    Syscall.raw(SYS_UNLINKAT, AT_FDCWD, path, AT_REMOVEDIR), "rmdir(\"" + directory + "\")");
        }
    }

    private static boolean removed(long result, String call) throws ErrnoException {
        if (result >= 0 || result == -Errno.ENOENT) {
            return true;
        }
        if (result == -Errno.EBUSY || result == -Errno.ENOTEMPTY) {
            return false;
        }
        throw new ErrnoException(call, (int) -result);
    }

    /**
     * Removes it with all groups below it, as far as they are not busy; true when all are gone. Goes down by
     * descriptors, since a guest may have nested groups to a path longer than PATH_MAX.
     */
    static boolean removeTree(Path directory) throws IOException {
        if (remove(directory)) {
            return true;
        }
        try (FileDescriptor open = KernelFile.open(directory.toString(), DIRECTORY)) {
            removeBelow(open);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        return remove(directory);
    }

    private static void removeBelow(FileDescriptor directory) throws IOException {
        for (String child : children(directory)) {
            if (removeAt(directory, child)) {
                continue;
            }
            try (FileDescriptor open = KernelFile.openAt(directory, child, DIRECTORY)) {
                removeBelow(open);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
            removeAt(directory, child);
        }
    }

    private static boolean removeAt(FileDescriptor directory, String child) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(child).address();
            return removed(
                    Syscall.raw(SYS_UNLINKAT, directory.number(), name, AT_REMOVEDIR), "rmdir(\"" + child + "\")");
        }
    }

    /** Names of the groups in an open one. */
    static List<String> children(FileDescriptor directory) throws IOException {
        return children(Path.of(directory.path() + "/"));
    }

    /** Names of the groups in one; none when it does not exist. */
    static List<String> children(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    names.add(entry.getFileName().toString());
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Whether there is such a group. */
    static boolean exists(Path directory) {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
    }
}
