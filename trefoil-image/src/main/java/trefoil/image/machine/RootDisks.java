package trefoil.image.machine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.debian.HostProcess;
import trefoil.image.debian.HostTool;
import trefoil.image.unpack.FreeSpace;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.Refusal;
import trefoil.linux.Sizes;

/**
 * Makes root file systems of images. The layers are merged by overlayfs in a mount namespace of the tool's own, with one layer of
 * ours on top ({@link DiskAdditions}) and the kernel's modules mounted in their place, and mke2fs copies what it sees there: no link
 * of an image is ever followed on the host. For one platform thread that outlives it.
 */
final class RootDisks {
    static final String DISK = "root.ext4";
    /** Part of a disk's name; to be raised when what is made of the same image differs. */
    static final int EDITION = 3;

    /** The journal is copied into each machine's own disk as it is written. */
    private static final String JOURNAL_MIB = "16";
    /** Journal, inode tables and directories, about. */
    private static final long OVERHEAD = 32L << 20;
    /** What every kernel from Linux 5.10 on mounts, whatever the host's mke2fs.conf says. */
    private static final String FEATURES =
            "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";
    /**
     * $1: the layers, topmost first; $2: modules; $3: their place; the rest: mke2fs, whose zeros of tables and journal are given back.
     * Names are relative and short because mount(2) takes one page of options, and newer libmounts would give them one by one.
     */
    private static final String SCRIPT =
            """
            set -e
            layers=$1 modules=$2 place=$3
            shift 3
            LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "ro,lowerdir=$layers" trefoil root
            mount --bind "$modules" "root/$place"
            "$@"
            exec fallocate --dig-holes disk/root.ext4
            """;

    private final Path work;
    private final Progress progress;

    /** @param work a private directory on the store's disk */
    RootDisks(Path work, Progress progress) {
        this.work = work;
        this.progress = progress;
    }

    /**
     * Makes a directory that holds nothing but the file system, and returns that.
     *
     * @param modules of all versions: the directory for {@code lib/modules}
     * @param busybox a static one
     */
    Path make(StoredImage image, Path modules, Path busybox, long bytes) throws IOException {
        String subject = "the disk of machines made of " + (image.aliases().isEmpty() ? image.fingerprint().substring(0, 12) : image.aliases().getFirst());
        long content = image.size() + size(modules);
        long enough = content + content / 10 + OVERHEAD;
        if (bytes < content) {
            throw tooSmall(subject, bytes, enough);
        }
        new FreeSpace(work).require(enough, subject);
        Files.createDirectory(work.resolve("root"));
        Files.createDirectory(work.resolve("disk"));
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "sh", layers(image), modules.toAbsolutePath().toString(), additions(image, busybox, subject)));
        command.addAll(mke2fs(bytes));
        progress.at("making the file system", 0, content, "bytes");
        run(command, subject, bytes, Math.max(enough, bytes + bytes / 4));
        progress.at("making the file system", content, content, "bytes");
        return work.resolve("disk");
    }

    /** Bytes of the regular files below. */
    private static long size(Path tree) throws IOException {
        long[] sum = new long[1];
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }

    /** Gives the layers short names. @return these, topmost first */
    private String layers(StoredImage image) throws IOException {
        List<String> stack = new ArrayList<>(List.of("a"));
        Files.createDirectory(work.resolve("a"));
        for (Path layer : image.layers().reversed()) {
            stack.add(Integer.toString(stack.size()));
            Files.createSymbolicLink(work.resolve(stack.getLast()), layer.toAbsolutePath());
        }
        return String.join(":", stack);
    }

    /** @return where the modules belong */
    private String additions(StoredImage image, Path busybox, String subject) throws IOException {
        try (MergedTree tree = new MergedTree(image.layers())) {
            DiskAdditions additions = new DiskAdditions(tree, work.resolve("a"));
            additions.requireInit(subject);
            return additions.write(busybox);
        }
    }

    /** All tables are written now: what the guest's kernel would write later, its own copy would have to hold. */
    private static List<String> mke2fs(long bytes) throws ImageException {
        HostTool.MOUNT.path();
        HostTool.FALLOCATE.path();
        return List.of(
                HostTool.MKE2FS.path(), "-q", "-F", "-t", "ext4", "-O", FEATURES, "-L", "trefoil-root", "-b", "4096", "-I", "256", "-m", "1", "-J", "size=" + JOURNAL_MIB,
                "-E", "lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0", "-i", "65536", "-d", "root", "disk/" + DISK, bytes / 1024 + "k");
    }

    private void run(List<String> command, String subject, long bytes, long enough) throws IOException {
        StringBuilder words = new StringBuilder();
        try (HostProcess tool = new HostProcess(command, work, line -> words.append(line).append('\n'), RootDisks::drain)) {
            int status = tool.waitFor();
            String said = words.toString().strip();
            if (status != 0 && said.contains(HostProcess.DISK_FULL)) {
                throw Refusal.full("the disk filled up while " + subject + " was made", null);
            }
            if (status != 0 && said.matches("(?s).*(Could not allocate|No free space|not enough space).*")) {
                throw tooSmall(subject, bytes, enough);
            }
            if (status != 0) {
                throw new ImageException(
                        Reason.SOURCE_FAILED, "mke2fs, or the mount before it, ended with status " + status + " while " + subject + " was made:\n" + said,
                        "see that the host's kernel has overlayfs: modprobe overlay", null);
            }
        }
    }

    private static ImageException tooSmall(String subject, long bytes, long enough) {
        return new ImageException(
                Reason.BAD_IMAGE, subject + " cannot have " + Sizes.words(bytes) + ": its files and the kernel's modules need more",
                "ask for " + Sizes.words(Math.ceilDiv(enough, 1L << 20) << 20) + " or more: --disk SIZE", null);
    }

    /** mke2fs -q says nothing there; the stream of a tool that is killed is closed under its reader. */
    private static void drain(InputStream out) {
        try (out) {
            out.transferTo(new ByteArrayOutputStream());
        } catch (IOException e) {
            System.getLogger(RootDisks.class.getName()).log(System.Logger.Level.DEBUG, "a tool was cut off", e);
        }
    }
}
