package trefoil.network;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import trefoil.linux.file.Contents;

/**
 * Small files that say which networks are up, which servers are attached, and what ports are published; dnsmasq reads
 * some of them too. They live as long as what they describe: until the host restarts.
 *
 * <pre>{@code
 * <root>/forwarding              kernel settings that were changed
 * <root>/published               forwards, one a line
 * <root>/ruleset                 hash of the nftables rules that were loaded last
 * <root>/<network>/network       the specification
 * <root>/<network>/dnsmasq.conf, dnsmasq.pid, leases
 * <root>/<network>/hosts/<port>  addresses and names of one server, in the form of hosts(5)
 * <root>/<network>/dhcp/<port>   its static lease
 * }</pre>
 *
 * dnsmasq reads them as an unprivileged user. Where the run directory lies below a directory closed to others (a test's,
 * or one in root's home), the root is moved to {@code /run/trefoil-network-<hash>}, which holds no secret.
 */
final class NetworkRecords {
    private static final String WORLD_READABLE = "rwxr-xr-x";

    private final Path root;

    private NetworkRecords(Path root) {
        this.root = root;
    }

    static NetworkRecords open(Path runDirectory) throws NetworkException {
        try {
            Path run = runDirectory.toAbsolutePath().normalize();
            Files.createDirectories(run);
            Path root = openToOthers(run.toRealPath())
                    ? run.resolve("network")
                    : Path.of("/run/trefoil-network-" + hash(run.toString()));
            directory(root);
            return new NetworkRecords(root);
        } catch (IOException e) {
            throw new NetworkException("the run directory " + runDirectory + " cannot be used: " + e.getMessage(), null, e);
        }
    }

    private static boolean openToOthers(Path directory) throws IOException {
        for (Path each = directory; each != null; each = each.getParent()) {
            if (!Files.getPosixFilePermissions(each).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void directory(Path path) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(WORLD_READABLE)); // whatever the umask
    }

    Path root() {
        return root;
    }

    Path of(String network) {
        return root.resolve(network);
    }

    /** Makes the network's directories; says so in its record last, when nothing is missing. */
    void add(NetworkSpec spec) throws NetworkException {
        try {
            Path home = of(spec.name());
            directory(root);
            directory(home);
            directory(home.resolve("hosts"));
            directory(home.resolve("dhcp"));
            write(home.resolve("network"), text(spec));
        } catch (IOException e) {
            throw unwritable(of(spec.name()), e);
        }
    }

    private static String text(NetworkSpec spec) {
        StringBuilder text = new StringBuilder();
        text.append("name=").append(spec.name()).append("\nbridge=").append(spec.bridge());
        text.append("\nnat=").append(spec.nat()).append("\ndomain=").append(spec.domain()).append('\n');
        if (spec.ipv4() != null) {
            text.append("ipv4=").append(spec.ipv4()).append('\n');
        }
        if (spec.ipv6() != null) {
            text.append("ipv6=").append(spec.ipv6().replace(":", "\\:")).append('\n');
        }
        return text.toString();
    }

    /** The networks that are up, or were being made so. */
    List<NetworkSpec> networks() throws NetworkException {
        List<NetworkSpec> networks = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return networks;
        }
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path home : homes) {
                read(home.resolve("network")).map(NetworkRecords::spec).ifPresent(networks::add);
            }
        } catch (IOException e) {
            throw unwritable(root, e);
        }
        networks.sort(Comparator.comparing(NetworkSpec::name));
        return networks;
    }

    private static NetworkSpec spec(String text) {
        Properties p = new Properties();
        try {
            p.load(new StringReader(text));
        } catch (IOException e) {
            throw new IllegalStateException("reading from a string does not fail", e);
        }
        NetworkSpec spec = new NetworkSpec(p.getProperty("name"), p.getProperty("bridge"), p.getProperty("ipv4"),
                p.getProperty("ipv6"), Boolean.parseBoolean(p.getProperty("nat")), p.getProperty("domain"));
        try {
            SpecRules.check(spec);
            return spec;
        } catch (NetworkException e) {
            return null; // a damaged record describes no network; up() writes a new one
        }
    }

    /** Forgets the network and all below it. */
    void remove(String network) throws NetworkException {
        deleteTree(of(network));
    }

    /** Forgets everything. */
    void removeAll() throws NetworkException {
        deleteTree(root);
    }

    private static void deleteTree(Path path) throws NetworkException {
        try {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                    for (Path child : children) {
                        deleteTree(child);
                    }
                }
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    /** Tells dnsmasq of the server; it watches both directories (inotify). */
    void add(NetworkSpec spec, Attachment a) throws NetworkException {
        try {
            addName(spec, a);
            if (a.ipv4() != null) {
                Files.writeString(of(spec.name()).resolve("dhcp").resolve(a.hostInterface()), a.mac() + "," + a.ipv4() + "\n");
            }
        } catch (IOException e) {
            throw unwritten(spec, e);
        }
    }

    /** Tells dnsmasq another name of the server; its lease stays. */
    void rename(NetworkSpec spec, Attachment a) throws NetworkException {
        try {
            addName(spec, a);
        } catch (IOException e) {
            throw unwritten(spec, e);
        }
    }

    private NetworkException unwritten(NetworkSpec spec, IOException e) {
        return Files.isDirectory(of(spec.name()))
                ? unwritable(of(spec.name()), e)
                : new NetworkException("network " + spec.name() + " is not up", "trefoil network show " + spec.name(), e);
    }

    private void addName(NetworkSpec spec, Attachment a) throws IOException {
        String name = a.serverName().toLowerCase(Locale.ROOT);
        StringBuilder hosts = new StringBuilder("# trefoil ").append(a.serverName()).append(' ').append(a.mac());
        hosts.append(' ').append(a.ipv4() == null ? "-" : a.ipv4());
        hosts.append(' ').append(a.ipv6() == null ? "-" : a.ipv6()).append('\n');
        for (String address : AddressPlan.addresses(a)) {
            hosts.append(address).append(' ').append(name).append('.').append(spec.domain()).append(' ').append(name).append('\n');
        }
        Path file = of(spec.name()).resolve("hosts").resolve(a.hostInterface());
        Contents.overwrite(file.toString(), hosts.toString().getBytes(StandardCharsets.UTF_8), 0644);
    }

    /** Whether the server has a record, or a part of one. */
    boolean has(Attachment a) {
        return Files.exists(hosts(a)) || Files.exists(lease(a));
    }

    private Path hosts(Attachment a) {
        return of(a.network()).resolve("hosts").resolve(a.hostInterface());
    }

    private Path lease(Attachment a) {
        return of(a.network()).resolve("dhcp").resolve(a.hostInterface());
    }

    void remove(Attachment a) throws NetworkException {
        try {
            Files.deleteIfExists(lease(a));
            Files.deleteIfExists(hosts(a));
        } catch (IOException e) {
            throw unwritable(of(a.network()), e);
        }
    }

    /** The servers attached to the network, by their hosts files. */
    List<Attachment> attachments(String network) throws NetworkException {
        List<Attachment> attachments = new ArrayList<>();
        Path hosts = of(network).resolve("hosts");
        if (!Files.isDirectory(hosts)) {
            return attachments;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(hosts)) {
            for (Path file : files) {
                read(file).flatMap(text -> attachment(network, file, text)).ifPresent(attachments::add);
            }
        } catch (IOException e) {
            throw unwritable(hosts, e);
        }
        return attachments;
    }

    private static Optional<Attachment> attachment(String network, Path file, String text) {
        String[] words = text.lines().findFirst().orElse("").split(" ");
        if (words.length != 6 || !words[1].equals("trefoil")) {
            return Optional.empty(); // cut off by a crash; the server's next start writes it anew
        }
        return Optional.of(new Attachment(network, words[2], file.getFileName().toString(), words[3],
                words[4].equals("-") ? null : words[4], words[5].equals("-") ? null : words[5]));
    }

    List<Forward> published() throws NetworkException {
        List<Forward> forwards = new ArrayList<>();
        try {
            for (String line : read(root.resolve("published")).orElse("").lines().toList()) {
                String[] w = line.split(" ");
                forwards.add(new Forward(w[0], w[1].equals("-") ? null : w[1], Integer.parseInt(w[2]), w[3],
                        Integer.parseInt(w[4])));
            }
        } catch (IOException e) {
            throw unwritable(root, e);
        }
        return forwards;
    }

    void publish(List<Forward> forwards) throws NetworkException {
        StringBuilder text = new StringBuilder();
        for (Forward f : forwards) {
            text.append(f.protocol()).append(' ').append(f.hostAddress() == null ? "-" : f.hostAddress()).append(' ');
            text.append(f.hostPort()).append(' ').append(f.serverAddress()).append(' ').append(f.serverPort()).append('\n');
        }
        store("published", text.toString());
    }

    String stored(String file) throws NetworkException {
        try {
            return read(root.resolve(file)).orElse("");
        } catch (IOException e) {
            throw unwritable(root, e);
        }
    }

    void store(String file, String text) throws NetworkException {
        try {
            directory(root);
            write(root.resolve(file), text);
        } catch (IOException e) {
            throw unwritable(root, e);
        }
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Replaces the file as a whole, so that a crash leaves the old or the new one. */
    static void write(Path file, String text) throws IOException {
        Path draft = file.resolveSibling("." + file.getFileName() + ".new");
        Files.writeString(draft, text);
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
        try {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the run directory's file system cannot replace files atomically", e);
        }
    }

    private static NetworkException unwritable(Path path, IOException e) {
        return new NetworkException("the network records at " + path + " cannot be used: " + e.getMessage(), null, e);
    }
}
