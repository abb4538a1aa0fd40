package trefoil.image.debian;

import java.io.File;
import java.util.List;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;

/** Programs of the host that builds need, with the Debian package that each comes in. */
public enum HostTool {
    MMDEBSTRAP("mmdebstrap", "mmdebstrap"),
    APT_GET("apt-get", "apt"),
    APT_CONFIG("apt-config", "apt"),
    DPKG_DEB("dpkg-deb", "dpkg"),
    SETSID("setsid", "util-linux"),
    SETPRIV("setpriv", "util-linux"),
    UNSHARE("unshare", "util-linux"),
    GPGV("gpgv", "gpgv"),
    MOUNT("mount", "mount"),
    FALLOCATE("fallocate", "util-linux"),
    MKE2FS("mke2fs", "e2fsprogs");

    /** The option of apt for pauses between its tries: they take minutes, on a full disk too, and builds go without. */
    public static final String RETRY_PAUSES = "Acquire::Retries::Delay";

    private static final List<String> PATH = List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private final String program;
    private final String debianPackage;

    HostTool(String program, String debianPackage) {
        this.program = program;
        this.debianPackage = debianPackage;
    }

    /** The search path that tools get. */
    public static String searchPath() {
        return String.join(":", PATH);
    }

    /** Its absolute path, or a refusal that names the package and how to install it. */
    public String path() throws ImageException {
        return PATH.stream()
                .map(directory -> new File(directory, program))
                .filter(File::canExecute)
                .findFirst()
                .map(File::getPath)
                .orElseThrow(() -> new ImageException(
                        Reason.TOOL_MISSING,
                        program + " is not on this host; it is in the Debian package " + debianPackage,
                        "apt-get install " + debianPackage,
                        null));
    }
}
