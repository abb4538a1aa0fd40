package trefoil.image.archive;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import trefoil.image.ImageException;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.oci.OciImport;
import trefoil.image.store.Intake;
import trefoil.image.store.Intake.ProcessDefaults;
import trefoil.image.tar.TarEntry;
import trefoil.image.tar.TarFormatException;
import trefoil.image.tar.TarReader;
import trefoil.image.unpack.Compression;
import trefoil.image.unpack.CountedInput;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.FileKind;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/** Imports a file that may be anything: tells by content what it is. Stateless but for its intake. */
public final class ArchiveImport {
    /** Directories of which a root file system has at least one. */
    private static final List<String> ROOT_DIRECTORIES = List.of("bin", "sbin", "usr", "etc");

    private final Intake intake;
    private final Path file;
    private final String name;
    private final Progress progress;

    /** @param name what messages call the file; fit for a terminal */
    public ArchiveImport(Intake intake, Path file, String name, Progress progress) {
        this.intake = intake;
        this.file = file;
        this.name = name;
        this.progress = progress;
    }

    /** Unpacks the file, whichever kind of archive it is, into the store. */
    public StoredImage run(List<String> aliases) throws IOException {
        long total = Files.size(file);
        try (CountedInput counted = new CountedInput(
                        Files.newInputStream(file), name, n -> progress.at("unpacking", n, total, "bytes"));
                InputStream opened = open(counted)) {
            if (isImageArchive(head(opened))) {
                return OciImport.ofArchive(intake, file, name, progress, aliases);
            }
            progress.at("unpacking", 0, total, "bytes");
            intake.addLayer(opened, Dialect.ROOTFS, name);
            progress.at("unpacking", total, total, "bytes");
        }
        requireRoot();
        return intake.finish("tarball", ProcessDefaults.NONE, aliases);
    }

    private InputStream open(CountedInput counted) throws IOException {
        Compression.Opened opened = Compression.open(counted, intake.bounds());
        BufferedInputStream data = new BufferedInputStream(opened.stream(), FileKind.HEAD);
        byte[] head = head(data);
        if (!FileKind.isTar(head, head.length)) {
            throw FileKind.refusal(name, opened.compression().inside(), head, head.length);
        }
        return data;
    }

    private static byte[] head(InputStream data) throws IOException {
        data.mark(FileKind.HEAD);
        byte[] head = data.readNBytes(FileKind.HEAD);
        data.reset();
        return head;
    }

    /** An OCI layout or {@code docker save} archive begins with names that no root file system has at its top. */
    static boolean isImageArchive(byte[] head) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(head));
        try {
            for (TarEntry e = reader.next(); e != null; e = reader.next()) {
                String first = e.name().replaceFirst("^(\\./)+", "");
                if (first.matches("(oci-layout|index\\.json|manifest\\.json|repositories|blobs/.*|[0-9a-f]{64}(/.*|\\.json|\\.tar)?)")) {
                    return true;
                }
                if (!first.isEmpty() && !first.equals("blobs")) {
                    return false;
                }
            }
        } catch (TarFormatException beyondHead) {
            return false; // damaged, or longer than the head: unpacking will tell
        }
        return false;
    }

    /** Refuses an archive that holds something else than a root file system, in words that help. */
    private void requireRoot() throws IOException {
        try (MergedTree tree = intake.tree()) {
            for (String directory : ROOT_DIRECTORIES) {
                if (tree.resolve(directory) != null) {
                    return;
                }
            }
            List<String> top = tree.at("", tree::names);
            throw noRoot(top, top.stream().filter(n -> isRootBelow(tree, n)).findFirst().orElse(null));
        }
    }

    private static boolean isRootBelow(MergedTree tree, String directory) {
        try {
            return tree.resolve(directory + "/etc") != null || tree.resolve(directory + "/bin") != null;
        } catch (IOException unreadable) {
            return false;
        }
    }

    private ImageException noRoot(List<String> top, String below) {
        for (String n : top) {
            String lower = n.toLowerCase(Locale.ROOT);
            if (lower.matches(".*\\.(ovf|qcow2|vmdk|raw|img|vhdx?|vdi|iso)")) {
                return Refusal.bad(
                        name + " holds no root file system but " + At.readable(n) + ", the disk of a whole machine",
                        "a full virtual server boots it: trefoil launch FILE NAME --kind full");
            }
        }
        if (below != null) {
            return Refusal.bad(
                    name + " holds its root file system below " + At.readable(below) + "/",
                    "pack it again without that: tar -C " + At.readable(below) + " --numeric-owner -cJf rootfs.tar.xz .");
        }
        String seen = top.isEmpty() ? "nothing" : String.join(", ", top.stream().limit(5).map(At::readable).toList());
        return Refusal.bad(
                name + " holds no root file system: none of /bin, /sbin, /usr and /etc; at its top stands " + seen,
                "pack one with: tar -C ROOTFS --numeric-owner -cJf rootfs.tar.xz .");
    }
}
