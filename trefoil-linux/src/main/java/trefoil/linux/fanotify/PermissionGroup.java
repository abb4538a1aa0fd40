package trefoil.linux.fanotify;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.call.Syscall;

/**
 * A fanotify(7) group that is asked before files are read. Closing it allows all that wait. Its methods are for one
 * thread, except {@link #close}.
 */
final class PermissionGroup implements AutoCloseable {
    private static final int SYS_WRITE = 1;
    private static final int SYS_READ = 0;
    private static final int SYS_FANOTIFY_INIT = 300;
    private static final int SYS_FANOTIFY_MARK = 301;

    private static final int FAN_CLOEXEC = 0x1;
    private static final int FAN_NONBLOCK = 0x2;
    private static final int FAN_CLASS_CONTENT = 0x4;
    private static final int FAN_UNLIMITED_QUEUE = 0x10;
    private static final int FAN_UNLIMITED_MARKS = 0x20;
    private static final int O_RDONLY_LARGEFILE_CLOEXEC = 0x8000 | 0x80000;

    private static final int FAN_MARK_ADD = 0x1;
    private static final int FAN_MARK_REMOVE = 0x2;
    private static final int FAN_MARK_FILESYSTEM = 0x100;
    private static final int FAN_MARK_IGNORED_MASK = 0x20;
    private static final int FAN_MARK_IGNORED_SURV_MODIFY = 0x40;
    private static final int FAN_ACCESS_PERM = 0x20000;
    private static final int FAN_ALLOW = 1;
    private static final int AT_FDCWD = -100;

    // struct fanotify_event_metadata { u32 event_len; u8 vers; u8 reserved; u16 metadata_len; u64 mask; s32 fd; s32 pid; }
    private static final int EVENT_LENGTH = 24;
    private static final int FD = 16;

    private final FileDescriptor group;

    /**
     * One that is asked before any file of a file system is read, through whichever mount: one mark, whatever the number
     * of files (FAN_MARK_FILESYSTEM, Linux 4.20).
     *
     * @param directory on that file system
     */
    static PermissionGroup of(String directory) throws ErrnoException {
        PermissionGroup made = new PermissionGroup();
        try (Arena arena = Arena.ofConfined()) {
            made.change(FAN_MARK_ADD | FAN_MARK_FILESYSTEM, AT_FDCWD, arena.allocateFrom(directory).address(), directory);
            return made;
        } catch (ErrnoException e) {
            made.close();
            throw e;
        }
    }

    /**
     * fanotify_init(2).
     *
     * @throws ErrnoException EPERM without CAP_SYS_ADMIN; EINVAL or ENOSYS when the kernel has no permission events
     */
    private PermissionGroup() throws ErrnoException {
        int flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_CLASS_CONTENT | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS;
        long fd = Syscall.call("fanotify_init", SYS_FANOTIFY_INIT, flags, O_RDONLY_LARGEFILE_CLOEXEC, 0);
        this.group = new FileDescriptor((int) fd, "fanotify group");
    }

    /**
     * One read that waits for an answer.
     *
     * @param fd the file, to be answered and closed by {@link #allow}
     * @param inode its inode number
     */
    record Asked(int fd, long inode) {}

    FileDescriptor descriptor() {
        return group;
    }

    /** From now on reads of this file are not asked for. */
    void ignore(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY;
            change(flags, AT_FDCWD, arena.allocateFrom(path).address(), path);
        }
    }

    /** Takes {@link #ignore} back; no-op when the file is gone. */
    void heed(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            change(FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, AT_FDCWD, arena.allocateFrom(path).address(), path);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private void change(int flags, int directory, long path, String what) throws ErrnoException {
        String call = "fanotify_mark(" + flags + ", \"" + what + "\")";
        Syscall.call(call, SYS_FANOTIFY_MARK, group.number(), flags, FAN_ACCESS_PERM, directory, path, 0);
    }

    /** What is asked now; empty when nothing is. */
    List<Asked> read() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(EVENT_LENGTH * 64, 8);
            MemorySegment stat = arena.allocate(SmallTmpfs.STAT_LENGTH, 8);
            long length = Syscall.raw(SYS_READ, group.number(), buffer.address(), buffer.byteSize());
            if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
                return List.of();
            }
            if (length < 0) {
                throw new ErrnoException("read(fanotify group)", (int) -length);
            }
            List<Asked> asked = new ArrayList<>();
            for (long at = 0; at < length; at += buffer.get(ValueLayout.JAVA_INT, at)) {
                int fd = buffer.get(ValueLayout.JAVA_INT, at + FD);
                if (fd >= 0) { // below 0: the queue overflowed, which is no question
                    long result = Syscall.raw(SmallTmpfs.SYS_FSTAT, fd, stat.address(), 0);
                    asked.add(new Asked(fd, result < 0 ? -1 : stat.get(ValueLayout.JAVA_LONG, SmallTmpfs.ST_INO)));
                }
            }
            return asked;
        }
    }

    /** Lets a read go on. */
    void allow(Asked asked) throws ErrnoException {
        try (Arena arena = Arena.ofConfined();
                FileDescriptor file = new FileDescriptor(asked.fd(), "read file")) {
            MemorySegment response = arena.allocate(8, 4); // struct fanotify_response { s32 fd; u32 response; }
            response.set(ValueLayout.JAVA_INT, 0, file.number());
            response.set(ValueLayout.JAVA_INT, 4, FAN_ALLOW);
            long n = Syscall.raw(SYS_WRITE, group.number(), response.address(), 8);
            if (n < 0 && n != -Errno.ENOENT) { // the reader has been killed meanwhile
                throw new ErrnoException("write(fanotify response)", (int) -n);
            }
        }
    }

    @Override
    public void close() {
        group.close();
    }
}
