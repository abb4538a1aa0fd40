package trefoil.image.debian;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.store.Intake;
import trefoil.image.store.Intake.ProcessDefaults;
import trefoil.image.unpack.CountedInput;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.Refusal;

/** Builds one release of Debian as a server, see the package. Use it from one platform thread that outlives it. */
public final class DebianBuild {
    /** Beyond the essential packages and apt. */
    private static final List<String> PACKAGES = List.of(
            "systemd", "systemd-sysv", "dbus", "libpam-systemd", "sudo", "iproute2", "iputils-ping", "openssh-server",
            "ca-certificates", "less", "nano", "vim-tiny", "procps", "netbase");
    /** What a build needs on the disk at its peak: the new system, and its layer. */
    private static final long SPACE = 700L << 20;

    private static final Path MERGED_USR = Path.of("/usr/share/mmdebstrap/hooks/merged-usr");
    private static final String APT_OPTIONS = "(Acquire::(Check-Valid-Until|Check-Date|Max-FutureTime|ForceIPv[46]|Retries|https?::\\S*)) (\".*\";)";

    private final Intake intake;
    private final DebianSuite suite;
    private final Progress progress;

    public DebianBuild(Intake intake, DebianSuite suite, Progress progress) {
        this.intake = intake;
        this.suite = suite;
        this.progress = progress;
    }

    /** Builds it into the store. */
    public StoredImage run() throws IOException {
        String program = HostTool.MMDEBSTRAP.path();
        HostTool.GPGV.path();
        new trefoil.image.unpack.FreeSpace(intake.directory()).require(SPACE, "a build of Debian");
        BootstrapProgress listening = new BootstrapProgress(progress);
        progress.at("starting", 0, 0, "");
        AtomicReference<ImageException> broken = new AtomicReference<>();
        try (HostProcess bootstrap = new HostProcess(command(program), temporary(), listening::line, tar -> broken.set(unpack(tar)))) {
            int status = bootstrap.waitFor();
            if (broken.get() != null && broken.get().reason() == Reason.DISK_FULL) {
                throw broken.get();
            }
            if (status != 0) {
                throw BootstrapFailure.of("debian:" + suite.codeName(), suite, status, listening.tail());
            }
            if (broken.get() != null) {
                throw broken.get();
            }
        }
        return intake.finish("debian", ProcessDefaults.NONE, suite.aliases());
    }

    /** What went wrong, or {@code null}. Most failures here are the mere consequence of mmdebstrap's, whose own is asked first. */
    private ImageException unpack(InputStream tar) {
        String subject = "the new Debian system";
        try (CountedInput counted = new CountedInput(tar, "mmdebstrap's output", n -> progress.at("unpacking", n, 0, "bytes"))) {
            intake.addLayer(counted, Dialect.ROOTFS, subject);
            return null;
        } catch (IOException e) {
            return Refusal.of(subject, e);
        }
    }

    private Path temporary() throws IOException {
        Path directory = intake.directory().resolve("build");
        // apt drops privileges to the user _apt, who must get to the new root below
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private List<String> command(String program) throws IOException {
        Path sources = Files.writeString(intake.directory().resolve("debian.sources"), AptSources.ofHost().forSuite(suite));
        Path options = Files.writeString(intake.directory().resolve("apt.conf"), aptOptions());
        Path customize = script();
        List<String> command = new ArrayList<>(List.of(
                program, "--verbose", "--mode=root", "--format=tar", "--variant=minbase",
                "--aptopt=" + options, "--dpkgopt=force-unsafe-io",
                "--include=" + String.join(",", PACKAGES), "--customize-hook=" + customize));
        if (suite.codeName().equals("bookworm") && Files.isDirectory(MERGED_USR)) {
            // the files are laid out merged from the beginning, so that usrmerge and perl are not needed to merge them
            command.add("--hook-dir=" + MERGED_USR);
            command.add("--include=usr-is-merged");
        }
        command.addAll(List.of(suite.codeName(), "-", sources.toString()));
        return command;
    }

    private Path script() throws IOException {
        Path script = intake.directory().resolve("customize.sh");
        try (InputStream resource = DebianBuild.class.getResourceAsStream("/trefoil/image/debian/customize.sh")) {
            Files.copy(resource, script);
        }
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    /** How this host reaches its mirror: proxies, time checks. {@code apt-config dump} tells them line by line. */
    private static String aptOptions() throws IOException {
        Process dump = new ProcessBuilder(HostTool.APT_CONFIG.path(), "dump").redirectErrorStream(true).start();
        String text = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        StringBuilder options = new StringBuilder("Acquire::Languages \"none\";\n" + HostTool.RETRY_PAUSES + " \"false\";\n");
        text.lines().filter(line -> line.matches(APT_OPTIONS)).forEach(line -> options.append(line).append('\n'));
        return options.toString();
    }

    /** What a failing mmdebstrap means. */
    static final class BootstrapFailure {
        private BootstrapFailure() {}

        static ImageException of(String image, DebianSuite suite, int status, List<String> tail) {
            String words = String.join("\n", tail);
            if (words.contains("does not have a Release file")) {
                return new ImageException(
                        Reason.NOT_FOUND, "the mirror of this host's apt has no suite " + suite.codeName(),
                        "choose another release, or add a mirror that has it to the host's apt sources", null);
            }
            if (words.contains(HostProcess.DISK_FULL)) {
                return Refusal.full("the disk filled up while " + image + " was built", null);
            }
            if (words.contains("NO_PUBKEY") || words.contains("is not signed") || words.contains("EXPKEYSIG")) {
                return new ImageException(
                        Reason.SOURCE_FAILED, "the signature of the Debian archive does not verify:\n" + words,
                        "apt-get install debian-archive-keyring", null);
            }
            if (words.contains("Failed to fetch") || words.contains("Could not resolve") || words.contains("Could not connect")) {
                return new ImageException(
                        Reason.SOURCE_FAILED, "the Debian archive could not be reached:\n" + words, "try: apt-get update", null);
            }
            return new ImageException(
                    Reason.SOURCE_FAILED, "mmdebstrap ended with status " + status + " while " + image + " was built:\n" + words, null, null);
        }
    }
}
