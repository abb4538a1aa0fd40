package trefoil.image.debian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.linux.unpack.At;

/**
 * A release of Debian.
 *
 * @param version its number, such as {@code 12}; empty for {@code sid}
 * @param codeName such as {@code bookworm}, which is the name of its suite
 */
public record DebianSuite(String version, String codeName) {
    /** Kept by the package distro-info-data. */
    static final Path DISTRO_INFO = Path.of("/usr/share/distro-info/debian.csv");

    private static final Pattern PRETTY_NAME = Pattern.compile("Debian GNU/Linux (?:[0-9]+ \\(([a-z]+)\\)|([a-z]+)/sid)");

    /** Where that package is not installed. Debian releases, in order. */
    private static final Map<String, String> KNOWN = table();

    private static Map<String, String> table() {
        Map<String, String> known = new LinkedHashMap<>();
        known.put("11", "bullseye");
        known.put("12", "bookworm");
        known.put("13", "trixie");
        known.put("14", "forky");
        known.put("", "sid");
        return known;
    }

    /** The release that a user means by {@code 12} or {@code bookworm}. */
    public static DebianSuite of(String name) throws ImageException {
        return of(name, DISTRO_INFO);
    }

    static DebianSuite of(String name, Path distroInfo) throws ImageException {
        List<DebianSuite> all = all(distroInfo);
        for (DebianSuite suite : all) {
            if (suite.codeName.equals(name) || suite.version.equals(name) && !name.isEmpty()) {
                return suite;
            }
        }
        throw new ImageException(
                Reason.NOT_FOUND,
                "there is no Debian release " + At.readable(At.raw(name)),
                "name one by number or code name, such as debian:12 or debian:bookworm; known are "
                        + String.join(", ", all.stream().map(DebianSuite::codeName).toList()),
                null);
    }

    /** The release whose {@code PRETTY_NAME} that is, such as {@code Debian GNU/Linux 13 (trixie)}, or {@code Debian GNU/Linux forky/sid} before it is one. */
    public static Optional<DebianSuite> ofPrettyName(String name) {
        Matcher words = PRETTY_NAME.matcher(name);
        if (!words.matches()) {
            return Optional.empty();
        }
        String codeName = words.group(1) == null ? words.group(2) : words.group(1);
        return all(DISTRO_INFO).stream().filter(suite -> suite.codeName.equals(codeName)).findFirst();
    }

    private static List<DebianSuite> all(Path distroInfo) {
        Map<String, String> releases = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(distroInfo)) {
                String[] fields = line.split(",", -1);
                boolean buildable = fields.length > 3 && fields[2].matches("[a-z]+") && !fields[2].equals("experimental");
                if (buildable && (fields[0].isEmpty() || fields[0].matches("[1-9][0-9]") && Integer.parseInt(fields[0]) >= 11)) {
                    releases.put(fields[2], fields[0]);
                }
            }
        } catch (IOException notInstalled) {
            releases.clear();
        }
        KNOWN.forEach((version, codeName) -> releases.putIfAbsent(codeName, version));
        List<DebianSuite> all = new ArrayList<>();
        releases.forEach((codeName, version) -> all.add(new DebianSuite(version, codeName)));
        return all;
    }

    /** Names that an image of it is known by. */
    public List<String> aliases() {
        return version.isEmpty() ? List.of("debian:" + codeName) : List.of("debian:" + version, "debian:" + codeName);
    }

    /** Whether it has suites for updates and security beside the main one. */
    boolean isReleased() {
        return !codeName.equals("sid");
    }
}
