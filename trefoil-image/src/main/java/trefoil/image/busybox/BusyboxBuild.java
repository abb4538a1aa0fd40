package trefoil.image.busybox;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.debian.PackageDownload;
import trefoil.image.store.Intake;
import trefoil.image.store.Intake.ProcessDefaults;
import trefoil.image.tar.TarEntry;
import trefoil.image.tar.TarEntry.Extent;
import trefoil.image.tar.TarEntry.Type;
import trefoil.image.tar.TarWriter;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.FreeSpace;

/** Builds the image {@code busybox}, see the package. The same package gives the same image, byte for byte. */
public final class BusyboxBuild {
    /** The package that it is in. */
    public static final String PACKAGE = "busybox-static";

    /** What a build needs on the disk at its peak: Debian's package lists, unpacked. apt waits and tries again when they do not fit. */
    private static final long SPACE = 64L << 20;

    private static final List<String> DIRECTORIES = List.of(
            "bin", "dev", "etc", "etc/init.d", "home", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr",
            "usr/bin", "usr/sbin", "usr/share", "usr/share/udhcpc", "var", "var/cache", "var/lib", "var/log", "var/spool", "var/tmp");
    /** Files of the resource folder: where they go, and their modes. */
    private static final Map<String, String> FILES = Map.of(
            "inittab", "etc/inittab", "rcS", "etc/init.d/rcS", "rcK", "etc/init.d/rcK",
            "udhcpc.script", "usr/share/udhcpc/default.script", "passwd", "etc/passwd", "shadow", "etc/shadow",
            "group", "etc/group", "nsswitch.conf", "etc/nsswitch.conf", "profile", "etc/profile", "hosts", "etc/hosts");

    private final Intake intake;
    private final Progress progress;

    public BusyboxBuild(Intake intake, Progress progress) {
        this.intake = intake;
        this.progress = progress;
    }

    /** Builds it into the store. */
    public StoredImage run() throws IOException {
        new FreeSpace(intake.directory()).require(SPACE, "a build of busybox");
        PackageDownload download = PackageDownload.begin(intake.directory().resolve("busybox"), "busybox", progress);
        Path deb = download.fetch(PACKAGE);
        String version = download.field(deb, "Version");
        Path program = program(download.unpack(deb));
        progress.at("unpacking", 0, Files.size(program), "bytes");
        byte[] tar = pack(program, download.run(program.toString(), "--list-full"), version);
        intake.addLayer(new ByteArrayInputStream(tar), Dialect.ROOTFS, "the busybox image");
        progress.at("unpacking", Files.size(program), Files.size(program), "bytes");
        return intake.finish("debian", ProcessDefaults.NONE, List.of("busybox"));
    }

    /** Where the package has it. */
    public static Path program(Path unpacked) throws IOException {
        for (String place : List.of("bin/busybox", "usr/bin/busybox")) {
            if (Files.isRegularFile(unpacked.resolve(place))) {
                return unpacked.resolve(place);
            }
        }
        throw new ImageException(Reason.SOURCE_FAILED, "the package " + PACKAGE + " holds no bin/busybox", null, null);
    }

    /** The root as a deterministic archive. */
    private static byte[] pack(Path program, String applets, String version) throws IOException {
        SortedMap<String, TarEntry> entries = new TreeMap<>();
        SortedMap<String, byte[]> contents = new TreeMap<>();
        for (String directory : DIRECTORIES) {
            int mode = directory.endsWith("tmp") ? 01777 : directory.equals("root") ? 0700 : 0755;
            entries.put(directory, entry(Type.DIRECTORY, directory, "", mode, 0));
        }
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            int mode = file.getValue().contains("init.d/") || file.getValue().contains("udhcpc/") ? 0755
                    : file.getKey().equals("shadow") ? 0600 : 0644;
            put(entries, contents, file.getValue(), mode, resource(file.getKey()));
        }
        put(entries, contents, "etc/resolv.conf", 0644, new byte[0]);
        put(entries, contents, "etc/fstab", 0644, new byte[0]);
        put(entries, contents, "etc/os-release", 0644, osRelease(version));
        put(entries, contents, "bin/busybox", 0755, Files.readAllBytes(program));
        for (String applet : applets.split("\n")) {
            String place = applet.strip();
            if (place.matches("(usr/)?s?bin/[A-Za-z0-9_.\\[-]+") && !entries.containsKey(place)) {
                entries.put(place, entry(Type.SYMBOLIC_LINK, place, "/bin/busybox", 0777, 0));
            }
        }
        entries.putIfAbsent("sbin/init", entry(Type.SYMBOLIC_LINK, "sbin/init", "/bin/busybox", 0777, 0));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(out)) {
            for (TarEntry e : entries.values()) {
                tar.begin(e);
                byte[] content = contents.getOrDefault(e.name(), new byte[0]);
                tar.write(content, 0, content.length);
            }
        }
        return out.toByteArray();
    }

    private static void put(Map<String, TarEntry> entries, Map<String, byte[]> contents, String place, int mode, byte[] content) {
        entries.put(place, entry(Type.FILE, place, "", mode, content.length));
        contents.put(place, content);
    }

    private static TarEntry entry(Type type, String name, String link, int mode, long size) {
        return new TarEntry(type, name, link, mode, 0, 0, size, size, 0, 0, Map.of(), List.of(new Extent(0, size)));
    }

    private static byte[] osRelease(String version) {
        String text = "ID=busybox\nNAME=BusyBox\nPRETTY_NAME=\"BusyBox " + version.replaceAll("[^A-Za-z0-9.+:~-]", "") + "\"\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = BusyboxBuild.class.getResourceAsStream("/trefoil/image/busybox/" + name)) {
            return in.readAllBytes();
        }
    }
}
