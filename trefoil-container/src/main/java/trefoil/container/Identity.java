package trefoil.container;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;
import trefoil.linux.FileDescriptor;

/**
 * What tells one server from another made of the same image: {@code /etc/hostname} (hostname(5)), {@code /etc/hosts}
 * (hosts(5)) and {@code /etc/machine-id} (machine-id(5)). Written through the container's own overlay, resolved inside it,
 * so that no link in an image leads out.
 */
final class Identity {
    private static final String WRITTEN = "identity";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Identity() {}

    /** Gives a new container its identity. */
    static void write(ContainerSpec spec) throws IOException {
        apply(spec, true);
    }

    /** Gives a container that was renamed its new name; its machine id stays. */
    static void follow(ContainerSpec spec) throws IOException {
        Path written = spec.directory().resolve(WRITTEN);
        try {
            if (Files.readString(written).equals(spec.name())) {
                return;
            }
        } catch (NoSuchFileException e) {
            return; // not made by create: its files are its own
        }
        apply(spec, false);
    }

    private static void apply(ContainerSpec spec, boolean fresh) throws IOException {
        try (FileDescriptor disk = RootDisk.open(spec.directory());
                ContainerFiles files = new RootFiles(RootMount.open(spec.layers(), disk, null, 0), 0, false)) {
            if (hasEtc(files)) {
                put(files, "/etc/hostname", spec.name() + "\n", 0644);
                put(files, "/etc/hosts", hosts(spec.name()), 0644);
                if (fresh) {
                    put(files, "/etc/machine-id", machineId() + "\n", 0444);
                }
            }
        }
        Files.writeString(spec.directory().resolve(WRITTEN), spec.name());
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

    private static void put(ContainerFiles files, String path, String text, int mode) throws IOException {
        files.write(path, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 0, 0, mode);
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
