package trefoil.image.machine;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.debian.HostProcess;
import trefoil.image.debian.HostTool;
import trefoil.image.store.RootfsExport;
import trefoil.image.tar.TarReader;
import trefoil.image.unpack.Bounds;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.FreeSpace;
import trefoil.image.unpack.LayerUnpacker;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.Refusal;
import trefoil.linux.zstd.ZstdInputStream;

/** Makes root file systems of images. For one platform thread that outlives it. */
final class RootDisks {
    static final String DISK = "root.ext4";

    /** The journal is copied into each machine's own disk as it is written. */
    private static final String JOURNAL_MIB = "16";

    private final Path work;
    private final Progress progress;

    /** @param work a private directory on the store's disk */
    RootDisks(Path work, Progress progress) {
        this.work = work;
        this.progress = progress;
    }

    /** Makes a directory that holds nothing but the file system, and returns that. */
    Path make(StoredImage image, Path modules, long bytes) throws IOException {
        String subject = "the disk of machines made of " + (image.aliases().isEmpty() ? image.fingerprint().substring(0, 12) : image.aliases().getFirst());
        new FreeSpace(work).require(3 * image.size(), subject);
        Path tree = merged(image, subject);
        requireInit(tree, subject);
        adapt(tree);
        addModules(tree, modules);
        progress.at("making the file system", 0, 0, "");
        Path made = Files.createDirectory(work.resolve("disk"));
        fileSystem(made.resolve(DISK), tree, bytes, subject);
        return made;
    }

    private Path merged(StoredImage image, String subject) throws IOException {
        Path tree = Files.createDirectory(work.resolve("tree"));
        Path archive = work.resolve("root.tar.zst");
        try (MergedTree layers = new MergedTree(image.layers());
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive))) {
            new RootfsExport(layers, image.size(), progress).write(out);
        }
        try (MergedTree nothing = new MergedTree(List.of());
                LayerUnpacker unpacker = new LayerUnpacker(tree, nothing, Dialect.ROOTFS, Bounds.DEFAULT, subject);
                InputStream in = new ZstdInputStream(new BufferedInputStream(Files.newInputStream(archive)))) {
            progress.at("unpacking", 0, image.size(), "bytes");
            unpacker.unpack(new TarReader(in));
            progress.at("unpacking", image.size(), image.size(), "bytes");
        }
        Files.delete(archive);
        return tree;
    }

    private static void requireInit(Path tree, String subject) throws IOException {
        boolean there = Files.exists(tree.resolve("sbin/init"), LinkOption.NOFOLLOW_LINKS) || Files.exists(tree.resolve("usr/sbin/init"), LinkOption.NOFOLLOW_LINKS);
        if (!there) {
            throw new ImageException(
                    Reason.BAD_IMAGE, subject + " cannot be made: the image has no /sbin/init, and a machine needs one", "launch it with --kind os, which runs its command alone", null);
        }
    }

    /**
     * The console is the serial line, on which the image's own console service logs in. systemd would start another one there, and wait for a device that only udev, which the image lacks, tells of.
     */
    private static void adapt(Path tree) throws IOException {
        Path units = tree.resolve("etc/systemd/system");
        if (Files.isDirectory(units, LinkOption.NOFOLLOW_LINKS) && !Files.exists(tree.resolve("usr/lib/systemd/systemd-udevd"), LinkOption.NOFOLLOW_LINKS)) {
            Path unit = units.resolve("serial-getty@ttyS0.service");
            if (!Files.exists(unit, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(unit, Path.of("/dev/null"));
            }
        }
    }

    private void addModules(Path tree, Path modules) throws IOException {
        Path lib = Files.isDirectory(tree.resolve("usr/lib"), LinkOption.NOFOLLOW_LINKS) ? tree.resolve("usr/lib") : tree.resolve("lib");
        Files.createDirectories(lib);
        run("the modules of the kernel", "/bin/cp", "-a", "--", modules.toString(), lib.resolve("modules").toString());
        Path direct = tree.resolve("lib");
        if (!Files.exists(direct, LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(direct, Path.of("usr/lib"));
        } else if (Files.isDirectory(direct, LinkOption.NOFOLLOW_LINKS) && !Files.exists(direct.resolve("modules"), LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(direct.resolve("modules"), Path.of("../usr/lib/modules"));
        }
    }

    /** All tables are written now: what the guest's kernel would write later, its own copy would have to hold. */
    private void fileSystem(Path file, Path tree, long bytes, String subject) throws IOException {
        run(subject, HostTool.MKE2FS.path(), "-q", "-F", "-t", "ext4", "-L", "trefoil-root", "-m", "1", "-J", "size=" + JOURNAL_MIB, "-E", "lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0", "-i", "65536",
                "-d", tree.toString(), file.toString(), bytes / 1024 + "k");
    }

    private void run(String subject, String... command) throws IOException {
        StringBuilder words = new StringBuilder();
        AtomicReference<IOException> cut = new AtomicReference<>();
        try (HostProcess tool = new HostProcess(List.of(command), work, line -> words.append(line).append('\n'), out -> drain(out, cut))) {
            int status = tool.waitFor();
            String said = words.toString();
            if (status != 0 && (said.contains(HostProcess.DISK_FULL) || said.contains("Could not allocate block"))) {
                throw Refusal.full("the disk filled up, or was asked for too small, while " + subject + " was made", null);
            }
            if (status != 0) {
                throw new ImageException(Reason.SOURCE_FAILED, command[0] + " ended with status " + status + " while " + subject + " was made:\n" + said.strip(), null, null);
            }
        }
    }

    private static void drain(InputStream out, AtomicReference<IOException> cut) {
        try (out) {
            new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(line -> {});
        } catch (IOException e) {
            cut.set(e);
        }
    }
}
