package trefoil.image.debian;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.unpack.Refusal;

/**
 * Fetches packages of one release of Debian, with package lists of its own, so that it works before the first apt-get update and leaves the host's apt as it is. For one platform thread that outlives it.
 */
public final class PackageDownload {
    private static final int TAIL = 1000;

    private final Path work;
    private final String subject;
    private final Progress progress;
    private final List<String> apt;
    private int fetched;

    private PackageDownload(Path work, String subject, Progress progress, List<String> apt) {
        this.work = work;
        this.subject = subject;
        this.progress = progress;
        this.apt = apt;
    }

    /**
     * Makes the directory {@code work} and fetches the package lists of the host's release.
     *
     * @param subject what is built, for messages
     */
    public static PackageDownload begin(Path work, String subject, Progress progress) throws IOException {
        return begin(work, AptSources.ofHost().hostSuite(), subject, progress);
    }

    /** The same, of that release. */
    public static PackageDownload begin(Path work, DebianSuite suite, String subject, Progress progress) throws IOException {
        Files.createDirectory(work);
        // apt drops privileges to the user _apt for a download where it may write
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path sources = Files.writeString(work.resolve("debian.sources"), AptSources.ofHost().forSuite(suite));
        Files.createDirectories(work.resolve("lists/partial"));
        Files.createDirectories(work.resolve("cache/archives/partial"));
        Path status = Files.createFile(work.resolve("status"));
        List<String> apt = List.of(
                HostTool.APT_GET.path(), "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none", "-o", HostTool.RETRY_PAUSES + "=false",
                "-o", "Dir::Etc::SourceList=" + sources, "-o", "Dir::Etc::SourceParts=/dev/null",
                "-o", "Dir::State::Lists=" + work.resolve("lists"), "-o", "Dir::Cache=" + work.resolve("cache"),
                "-o", "Dir::State::Status=" + status, "-o", "APT::Update::Post-Invoke-Success=", "-o", "APT::Update::Post-Invoke=");
        PackageDownload download = new PackageDownload(work, subject, progress, apt);
        progress.at("fetching package lists", 0, 0, "bytes");
        download.apt("update", "--error-on=any");
        return download;
    }

    private void apt(String... words) throws IOException {
        List<String> command = new ArrayList<>(apt);
        command.addAll(List.of(words));
        run(command.toArray(String[]::new));
    }

    /** Fetches one package. */
    public Path fetch(String name) throws IOException {
        progress.at("downloading packages", fetched, fetched + 1, "packages");
        apt("download", name);
        fetched++;
        progress.at("downloading packages", fetched, fetched, "packages");
        try (DirectoryStream<Path> debs = Files.newDirectoryStream(work, name + "_*.deb")) {
            for (Path deb : debs) {
                return deb;
            }
        }
        throw new ImageException(Reason.SOURCE_FAILED, "apt-get download brought no package " + name, "try: apt-get update", null);
    }

    /** A field of a package's control file. */
    public String field(Path deb, String name) throws IOException {
        return run(HostTool.DPKG_DEB.path(), "-f", deb.toString(), name).strip();
    }

    /** Unpacks a package's files into a directory, which it returns. */
    public Path unpack(Path deb) throws IOException {
        Path into = work.resolve(deb.getFileName() + ".d");
        run(HostTool.DPKG_DEB.path(), "-x", deb.toString(), into.toString());
        return into;
    }

    /** Runs a tool to its end and returns its standard output. */
    public String run(String... command) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        AtomicReference<IOException> cutOff = new AtomicReference<>();
        StringBuilder messages = new StringBuilder();
        try (HostProcess tool = new HostProcess(
                List.of(command), work, line -> messages.append(line).append('\n'), stream -> copy(stream, output, cutOff))) {
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

    private ImageException failed(String what, String words) {
        if (words.contains(HostProcess.DISK_FULL)) {
            return Refusal.full("the disk filled up while " + subject + " was built", null);
        }
        String tail = words.length() > TAIL ? words.substring(words.length() - TAIL) : words;
        return new ImageException(Reason.SOURCE_FAILED, what + ":\n" + tail, "fetch the host's package lists: apt-get update", null);
    }
}
