package trefoil.image.busybox;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.debian.AptSources;
import trefoil.image.debian.HostProcess;
import trefoil.image.debian.HostTool;
import trefoil.image.store.Intake;
import trefoil.image.store.Intake.ProcessDefaults;
import trefoil.image.tar.TarEntry;
import trefoil.image.tar.TarEntry.Extent;
import trefoil.image.tar.TarEntry.Type;
import trefoil.image.tar.TarWriter;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.FreeSpace;
import trefoil.image.unpack.Refusal;

/** Builds the image {@code busybox}, see the package. The same package gives the same image, byte for byte. */
public final class BusyboxBuild {
    private static final String PACKAGE = "busybox-static";
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
        Path work = Files.createDirectory(intake.directory().resolve("busybox"));
        // apt drops privileges to the user _apt for a download where it may write
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        download(work);
        progress.at("downloading packages", 1, 1, "packages");
        Path deb = onlyPackage(work);
        String version = run(work, HostTool.DPKG_DEB.path(), "-f", deb.toString(), "Version").strip();
        run(work, HostTool.DPKG_DEB.path(), "-x", deb.toString(), work.resolve("x").toString());
        Path program = program(work.resolve("x"));
        progress.at("unpacking", 0, Files.size(program), "bytes");
        byte[] tar = pack(program, run(work, program.toString(), "--list-full"), version);
        intake.addLayer(new ByteArrayInputStream(tar), Dialect.ROOTFS, "the busybox image");
        progress.at("unpacking", Files.size(program), Files.size(program), "bytes");
        return intake.finish("debian", ProcessDefaults.NONE, List.of("busybox"));
    }

    /** With package lists of the build's own, so that it works before the first apt-get update and leaves the host's apt as it is. */
    private void download(Path work) throws IOException {
        Path sources = Files.writeString(work.resolve("debian.sources"), AptSources.ofHost().forHostSuite());
        Files.createDirectories(work.resolve("lists/partial"));
        Files.createDirectories(work.resolve("cache/archives/partial"));
        Path status = Files.createFile(work.resolve("status"));
        List<String> apt = List.of(
                HostTool.APT_GET.path(), "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none", "-o", HostTool.RETRY_PAUSES + "=false",
                "-o", "Dir::Etc::SourceList=" + sources, "-o", "Dir::Etc::SourceParts=/dev/null",
                "-o", "Dir::State::Lists=" + work.resolve("lists"), "-o", "Dir::Cache=" + work.resolve("cache"),
                "-o", "Dir::State::Status=" + status, "-o", "APT::Update::Post-Invoke-Success=", "-o", "APT::Update::Post-Invoke=");
        progress.at("fetching package lists", 0, 0, "bytes");
        run(work, Stream.concat(apt.stream(), Stream.of("update", "--error-on=any")).toArray(String[]::new));
        progress.at("downloading packages", 0, 1, "packages");
        run(work, Stream.concat(apt.stream(), Stream.of("download", PACKAGE)).toArray(String[]::new));
    }

    private static Path onlyPackage(Path work) throws IOException {
        try (DirectoryStream<Path> debs = Files.newDirectoryStream(work, "*.deb")) {
            for (Path deb : debs) {
                return deb;
            }
        }
        throw new ImageException(Reason.SOURCE_FAILED, "apt-get download brought no package " + PACKAGE, "try: apt-get update", null);
    }

    private static Path program(Path unpacked) throws IOException {
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

    /** Runs a tool to its end and returns its standard output. */
    private static String run(Path directory, String... command) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        AtomicReference<IOException> cutOff = new AtomicReference<>();
        StringBuilder messages = new StringBuilder();
        try (HostProcess tool = new HostProcess(
                List.of(command), directory, line -> messages.append(line).append('\n'), stream -> copy(stream, output, cutOff))) {
            int status = tool.waitFor();
            if (status != 0) {
                throw failed(command[0] + " ended with status " + status, messages.toString().strip());
            }
            if (cutOff.get() != null) {
                throw cutOff.get();
            }
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    /** The stream of a tool that is killed is closed under its reader. */
    private static void copy(InputStream from, ByteArrayOutputStream to, AtomicReference<IOException> cutOff) {
        try (from) {
            from.transferTo(to);
        } catch (IOException e) {
            cutOff.set(e);
        }
    }

    private static ImageException failed(String what, String words) {
        if (words.contains(HostProcess.DISK_FULL)) {
            return Refusal.full("the disk filled up while busybox was built", null);
        }
        String tail = words.length() > 1000 ? words.substring(words.length() - 1000) : words;
        return new ImageException(Reason.SOURCE_FAILED, what + ":\n" + tail, "fetch the host's package lists: apt-get update", null);
    }
}
