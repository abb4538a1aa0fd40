package trefoil.image.machine;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which root disk one is; written as its directory's name.
 *
 * @param fingerprint of the image
 * @param version of the kernel whose modules it holds
 * @param edition {@link RootDisks#EDITION} of who made it
 * @param mebibytes its size
 */
record DiskKey(String fingerprint, String version, int edition, long mebibytes) {
    private static final Pattern WRITTEN = Pattern.compile("([0-9a-f]{64})-([A-Za-z0-9.+~-]+)-([0-9]{1,9})-([0-9]{1,18})");

    static DiskKey of(String written) throws IOException {
        Matcher parts = WRITTEN.matcher(written);
        if (!parts.matches()) {
            throw new IOException("no root disk of machines is called \"" + written + "\"");
        }
        return new DiskKey(parts.group(1), parts.group(2), Integer.parseInt(parts.group(3)), Long.parseLong(parts.group(4)));
    }

    @Override
    public String toString() {
        return fingerprint + "-" + version + "-" + edition + "-" + mebibytes;
    }
}
