package trefoil.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.FileStatus;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * A container's own users and groups, read from its {@code /etc/passwd} (passwd(5)) and {@code /etc/group} (group(5)) as
 * files that an enemy may have written: never beyond its root, never a pipe, device or interface of the kernel, at most 1 MiB, odd lines skipped.
 */
final class Users {
    static final String PASSWD = "etc/passwd";
    static final String GROUP = "etc/group";

    private static final int MOST_BYTES = 1 << 20;
    private static final long MOST_ID = 65_535;
    private static final int LONGEST_NAME = 256; // LOGIN_NAME_MAX of limits.h
    private static final int LONGEST_PATH = 4096; // PATH_MAX of limits.h
    private static final int MOST_GROUPS = 65_536; // NGROUPS_MAX of limits.h

    private final List<String[]> passwd;
    private final List<String[]> group;

    private Users(List<String[]> passwd, List<String[]> group) {
        this.passwd = passwd;
        this.group = group;
    }

    /**
     * Somebody to run a process as.
     *
     * @param name login name; the number where the container knows none
     * @param home directory, {@code /} where the container tells none
     */
    record User(String name, int uid, int gid, List<Integer> groups, String home) {}

    /** @param root the container's root, opened with O_PATH */
    static Users read(FileDescriptor root) throws IOException {
        return new Users(lines(root, PASSWD, 7), lines(root, GROUP, 4));
    }

    /** Of a container that does not run. */
    static Users read(LayeredTree tree) throws IOException {
        return new Users(lines(tree, "/etc/passwd", 7), lines(tree, "/etc/group", 4));
    }

    static Users of(String passwd, String group) {
        return new Users(fields(passwd, 7), fields(group, 4));
    }

    /**
     * Finds a user.
     *
     * @param wanted name or number, optionally {@code :} and a group's name or number; empty or {@code null} for root
     */
    User find(String wanted) throws ContainerException {
        String text = wanted == null || wanted.isEmpty() ? "root" : wanted;
        int colon = text.indexOf(':');
        String who = colon < 0 ? text : text.substring(0, colon);
        User user = user(who);
        if (colon < 0) {
            return user;
        }
        int gid = groupId(text.substring(colon + 1));
        return new User(user.name(), user.uid(), gid, List.of(), user.home());
    }

    private User user(String who) throws ContainerException {
        for (String[] entry : passwd) {
            if (entry[0].equals(who) || entry[2].equals(who)) {
                int gid = id(entry[3]);
                int uid = id(entry[2]);
                if (uid >= 0 && gid >= 0) {
                    return new User(entry[0], uid, gid, groupsOf(entry[0], gid), home(entry[5]));
                }
            }
        }
        if (who.equals("root")) {
            return new User("root", 0, 0, List.of(0), "/root");
        }
        int uid = id(who);
        if (uid < 0) {
            throw new ContainerException("no user " + who + " in the container's /etc/passwd", "give a number, or root", null);
        }
        return new User(who, uid, 0, List.of(), "/");
    }

    /** A path that execve(2) and chdir(2) can take, {@code /} in place of any other. */
    private static String home(String told) {
        return told.startsWith("/") && told.length() < LONGEST_PATH ? told : "/";
    }

    private List<Integer> groupsOf(String name, int primary) {
        List<Integer> groups = new ArrayList<>();
        groups.add(primary);
        for (String[] entry : group) {
            int gid = id(entry[2]);
            if (gid >= 0 && groups.size() < MOST_GROUPS && !groups.contains(gid) && List.of(entry[3].split(",")).contains(name)) {
                groups.add(gid);
            }
        }
        return groups;
    }

    private int groupId(String wanted) throws ContainerException {
        for (String[] entry : group) {
            if (entry[0].equals(wanted) && id(entry[2]) >= 0) {
                return id(entry[2]);
            }
        }
        int gid = id(wanted);
        if (gid < 0) {
            throw new ContainerException("no group " + wanted + " in the container's /etc/group", "give a number", null);
        }
        return gid;
    }

    /** A number from 0 to 65535, or −1. */
    private static int id(String text) {
        if (!text.matches("[0-9]{1,5}")) {
            return -1;
        }
        int value = Integer.parseInt(text);
        return value > MOST_ID ? -1 : value;
    }

    /** Which state of a file it is; {@code null} for a file that is not there or not to be read. */
    static FileStatus state(FileDescriptor root, String path) throws IOException {
        try (FileDescriptor found = find(root, path)) {
            FileStatus status = Inodes.fstat(found);
            return status.isRegular() ? status : null;
        } catch (ErrnoException e) {
            if (leadsNowhere(e)) {
                return null;
            }
            throw e;
        }
    }

    private static FileDescriptor find(FileDescriptor root, String path) throws ErrnoException {
        return Open.openat2(root, path, Open.O_PATH, 0, Open.RESOLVE_IN_ROOT | Open.RESOLVE_NO_MAGICLINKS);
    }

    private static List<String[]> lines(FileDescriptor root, String path, int fields) throws IOException {
        try (FileDescriptor found = find(root, path)) {
            if (!Inodes.fstat(found).isRegular() || KernelInterfaces.hold(found)) {
                return List.of();
            }
            try (FileDescriptor file = Open.reopen(found, Open.O_RDONLY | Open.O_NONBLOCK | Open.O_NOCTTY)) {
                return fields(text(file), fields);
            }
        } catch (ErrnoException e) {
            if (leadsNowhere(e)) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<String[]> lines(LayeredTree tree, String path, int fields) throws IOException {
        try {
            LayeredTree.Found found = tree.resolve(path);
            if (!found.status().isRegular()) {
                return List.of();
            }
            try (FileDescriptor file = found.open()) {
                return fields(text(file), fields);
            }
        } catch (ErrnoException e) {
            if (leadsNowhere(e)) {
                return List.of();
            }
            throw e;
        }
    }

    private static boolean leadsNowhere(ErrnoException e) {
        return e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP || e.errno() == Errno.ENXIO;
    }

    private static String text(FileDescriptor file) throws ErrnoException {
        byte[] bytes = new byte[(int) Math.min(MOST_BYTES, Inodes.fstat(file).size())];
        int length = 0;
        int n = 1;
        while (n > 0 && length < bytes.length) {
            n = Contents.read(file, bytes, length, bytes.length - length);
            length += n;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static List<String[]> fields(String text, int count) {
        return text.lines().filter(line -> line.indexOf('\0') < 0).map(line -> line.split(":", -1)).filter(parts -> parts.length == count && parts[0].length() <= LONGEST_NAME).toList();
    }
}
