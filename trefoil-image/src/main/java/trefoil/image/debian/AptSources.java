package trefoil.image.debian;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;

/**
 * The Debian sources among the host's own, {@code sources.list(5)}: both the one-line and the deb822 style. Sources of
 * others (a vendor's repository) are left out: they have other suites, other components than {@code main}, or a key that
 * is not the Debian archive's.
 */
public final class AptSources {
    private static final Pattern ONE_LINE = Pattern.compile("deb\\s+(?:\\[([^]]*)]\\s+)?(\\S+)\\s+(\\S+)((?:\\s+[^#\\s]\\S*)*)\\s*(?:#.*)?");

    /** A source: what it offers, and the key that must have signed it; {@code signedBy} is empty for the host's trusted keys. */
    record Source(List<String> uris, List<String> suites, List<String> components, String signedBy) {}

    private final List<Source> sources;
    private final String hostSuite;

    AptSources(List<Source> sources, String hostSuite) {
        this.sources = sources;
        this.hostSuite = hostSuite;
    }

    /** Reads {@code /etc/apt} and {@code /etc/os-release}. */
    public static AptSources ofHost() throws IOException {
        return of(Path.of("/etc/apt"), Path.of("/etc/os-release"));
    }

    static AptSources of(Path apt, Path osRelease) throws IOException {
        List<Source> sources = new ArrayList<>();
        Path main = apt.resolve("sources.list");
        if (Files.isRegularFile(main)) {
            sources.addAll(oneLine(Files.readString(main)));
        }
        for (Path file : sourceFiles(apt.resolve("sources.list.d"))) {
            String text = Files.readString(file);
            sources.addAll(file.toString().endsWith(".sources") ? deb822(text) : oneLine(text));
        }
        String release = Files.isRegularFile(osRelease) ? Files.readString(osRelease) : "";
        Matcher codeName = Pattern.compile("(?m)^VERSION_CODENAME=\"?([a-z]+)\"?$").matcher(release);
        return new AptSources(sources, codeName.find() ? codeName.group(1) : "");
    }

    private static List<Path> sourceFiles(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        TreeSet<Path> files = new TreeSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*.{list,sources}")) {
            all.forEach(files::add);
        }
        return List.copyOf(files);
    }

    static List<Source> oneLine(String text) {
        List<Source> sources = new ArrayList<>();
        for (String line : text.split("\n")) {
            Matcher m = ONE_LINE.matcher(line.strip());
            if (m.matches()) {
                Map<String, String> options = options(m.group(1));
                if (!isTrue(options.get("trusted"))) {
                    sources.add(new Source(
                            List.of(m.group(2)), List.of(m.group(3)), words(m.group(4)), options.getOrDefault("signed-by", "")));
                }
            }
        }
        return sources;
    }

    private static Map<String, String> options(String text) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : words(text == null ? "" : text)) {
            int equals = option.indexOf('=');
            if (equals > 0) {
                options.put(option.substring(0, equals).toLowerCase(Locale.ROOT), option.substring(equals + 1));
            }
        }
        return options;
    }

    static List<Source> deb822(String text) {
        List<Source> sources = new ArrayList<>();
        for (String stanza : text.replaceAll("(?m)^#.*\\R?", "").split("\\R\\s*\\R")) {
            Map<String, String> fields = fields(stanza);
            boolean enabled = !fields.getOrDefault("enabled", "yes").strip().equalsIgnoreCase("no");
            if (enabled && words(fields.getOrDefault("types", "")).contains("deb") && !isTrue(fields.get("trusted"))) {
                sources.add(new Source(
                        words(fields.getOrDefault("uris", "")), words(fields.getOrDefault("suites", "")),
                        words(fields.getOrDefault("components", "")), fields.getOrDefault("signed-by", "").strip()));
            }
        }
        return sources;
    }

    private static Map<String, String> fields(String stanza) {
        Map<String, String> fields = new LinkedHashMap<>();
        String key = null;
        for (String line : stanza.split("\\R")) {
            int colon = line.indexOf(':');
            if (!line.isEmpty() && Character.isWhitespace(line.charAt(0)) && key != null) {
                fields.merge(key, "\n" + line.strip(), String::concat);
            } else if (colon > 0) {
                key = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
                fields.put(key, line.substring(colon + 1).strip());
            }
        }
        return fields;
    }

    private static boolean isTrue(String value) {
        return value != null && value.strip().matches("(?i)yes|true|1|on");
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    /** The host's own. */
    public DebianSuite hostSuite() {
        return new DebianSuite("", hostSuite.isEmpty() ? "stable" : hostSuite);
    }

    /** The host's sources for {@code suite}, in deb822 style; for another suite than the host's, its name put in their place. */
    public String forSuite(DebianSuite suite) throws ImageException {
        StringBuilder text = new StringBuilder();
        for (Source s : sources) {
            List<String> suites = s.suites().stream()
                    .map(name -> rewritten(name, suite)).filter(name -> !name.isEmpty()).distinct().toList();
            if (isDebian(s) && !suites.isEmpty()) {
                text.append("Types: deb\nURIs: ").append(String.join(" ", s.uris()))
                        .append("\nSuites: ").append(String.join(" ", suites))
                        .append("\nComponents: ").append(String.join(" ", components(s, suite))).append('\n');
                if (!s.signedBy().isEmpty()) {
                    text.append("Signed-By: ").append(s.signedBy()).append('\n');
                }
                text.append('\n');
            }
        }
        if (text.isEmpty()) {
            throw new ImageException(
                    Reason.SOURCE_FAILED,
                    "this host's apt has no source of the Debian archive" + (hostSuite.isEmpty() ? "" : " for its own suite " + hostSuite),
                    "add one below /etc/apt/sources.list.d and run: apt-get update",
                    null);
        }
        return text.toString();
    }

    private static boolean isDebian(Source s) {
        boolean debianKey = s.signedBy().isEmpty()
                ? s.uris().stream().allMatch(uri -> uri.contains("debian"))
                : s.signedBy().contains("debian-archive") && !s.signedBy().contains("\n");
        return debianKey && s.components().contains("main");
    }

    /** The name of the suite that takes {@code name}'s place; empty where there is none. */
    private String rewritten(String name, DebianSuite suite) {
        for (String base : List.of(hostSuite, "stable")) {
            if (!base.isEmpty() && name.equals(base)) {
                return suite.codeName();
            }
            for (String part : List.of("-updates", "-security", "/updates")) {
                if (!base.isEmpty() && name.equals(base + part)) {
                    return suite.isReleased() ? suite.codeName() + (part.equals("/updates") ? "-security" : part) : "";
                }
            }
        }
        return "";
    }

    /** {@code non-free-firmware} came with Debian 12. */
    private static List<String> components(Source s, DebianSuite suite) {
        return s.components().stream()
                .filter(c -> !(c.equals("non-free-firmware") && suite.version().equals("11")))
                .toList();
    }
}
