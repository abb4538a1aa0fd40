package trefoil.container;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A root directory with the host's static busybox and a few of its names. */
final class Busybox {
    private static final Path PROGRAM = Path.of("/bin/busybox");
    private static final List<String> NAMES = List.of(
            "sh", "echo", "cat", "true", "false", "sleep", "id", "hostname", "kill", "ls", "ps", "mount", "umount", "stty",
            "readlink", "tty", "uname", "grep", "poweroff", "reboot", "init", "mkdir", "chmod", "env", "pwd", "dd", "mknod",
            "head", "touch", "test", "ulimit", "nproc", "seq", "date", "mkfifo", "uptime", "dmesg", "sysctl", "unshare", "wc");

    private Busybox() {}

    static boolean present() {
        return Files.isExecutable(PROGRAM);
    }

    static Path make(Path directory) throws IOException {
        for (String name : List.of("bin", "sbin", "etc", "root", "tmp", "proc", "sys", "dev", "run")) {
            Files.createDirectories(directory.resolve(name));
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(directory.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.copy(PROGRAM, directory.resolve("bin/busybox"));
        for (String name : NAMES) {
            Files.createSymbolicLink(directory.resolve("bin").resolve(name), Path.of("busybox"));
        }
        Files.writeString(directory.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
        Files.writeString(directory.resolve("etc/group"), "root:x:0:\nalice:x:1000:\naudio:x:29:alice\n");
        return directory;
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
