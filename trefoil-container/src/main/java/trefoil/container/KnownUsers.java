package trefoil.container;

import java.io.IOException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.FileStatus;

/**
 * A live container's users, read anew when a file that tells them has changed. Thread-safe.
 *
 * <p>A file that was changed a moment ago is not trusted to show its next change: file systems stamp inodes by a clock that
 * ticks every few milliseconds.
 */
final class KnownUsers {
    private static final long TICKS_NANOS = 1_000_000_000L;

    private volatile Known known;

    private record Known(Users users, FileStatus passwd, FileStatus group) {
        boolean isOf(FileStatus passwdNow, FileStatus groupNow) {
            return same(passwd, passwdNow) && same(group, groupNow);
        }
    }

    /** @param root the container's root, opened with O_PATH */
    Users of(FileDescriptor root) throws IOException {
        FileStatus passwd = Users.state(root, Users.PASSWD);
        FileStatus group = Users.state(root, Users.GROUP);
        Known before = known;
        if (before != null && before.isOf(passwd, group)) {
            return before.users();
        }
        Users read = Users.read(root);
        long settled = System.currentTimeMillis() * 1_000_000L - TICKS_NANOS;
        known = old(passwd, settled) && old(group, settled) ? new Known(read, passwd, group) : null;
        return read;
    }

    private static boolean old(FileStatus file, long before) {
        return file == null || file.changedNanos() < before;
    }

    private static boolean same(FileStatus one, FileStatus other) {
        if (one == null || other == null) {
            return one == other;
        }
        return one.inode() == other.inode() && one.device() == other.device() && one.size() == other.size()
                && one.changedNanos() == other.changedNanos();
    }
}
