package trefoil.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import trefoil.image.StoredImage;
import trefoil.image.tar.TarReader;
import trefoil.image.unpack.Bounds;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.LayerUnpacker;
import trefoil.image.unpack.MergedTree;
import trefoil.image.unpack.TreeRemoval;
import trefoil.image.unpack.UnpackReport;

/**
 * One image on its way into the store: layers are added lowest first, then it is {@link #finish}ed. Closing it without
 * that leaves nothing. For one thread.
 */
public final class Intake implements AutoCloseable {
    private final Layers layers;
    private final Catalog catalog;
    private final Bounds bounds;
    private final Path staging;
    private final List<String> keys = new ArrayList<>();
    private final List<String> held = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    public Intake(Layers layers, Catalog catalog, Bounds bounds) throws IOException {
        this.layers = layers;
        this.catalog = catalog;
        this.bounds = bounds;
        this.staging = layers.newStaging("intake");
    }

    /** What the image may take. */
    public Bounds bounds() {
        return bounds;
    }

    /** A private directory on the store's disk; gone when this is closed. */
    public Path directory() {
        return staging;
    }

    /** The layers so far as a server will see them. */
    public MergedTree tree() throws IOException {
        return new MergedTree(keys.stream().map(layers::path).toList());
    }

    /** What happened on the way. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Adds what an administrator should know of the image. */
    public void note(String words) {
        notes.add(words);
    }

    /**
     * Unpacks one more layer on top.
     *
     * @param tar the uncompressed archive; read to its end, left open
     * @param subject what it is, for messages
     * @return the digest of the archive
     */
    public Digest addLayer(InputStream tar, Dialect dialect, String subject) throws IOException {
        DigestingInput digesting = new DigestingInput(tar, "sha256");
        Path unpacked = Files.createDirectory(staging.resolve("layer-" + keys.size()));
        UnpackReport report;
        try (MergedTree lower = tree();
                LayerUnpacker unpacker = new LayerUnpacker(unpacked, lower, dialect, bounds, subject)) {
            report = unpacker.unpack(new TarReader(digesting));
        }
        Digest digest = digesting.digest();
        if (report.hidesLower()) {
            keys.clear();
        }
        String key = report.dependsOnLower() ? chained(digest) : digest.hex();
        layers.adopt(unpacked, key);
        held.add(key);
        keys.add(key);
        notes.addAll(report.notes());
        return digest;
    }

    /** The key of a layer whose content depends on those below. */
    private String chained(Digest digest) {
        String chain = String.join(" ", keys) + " " + digest.hex();
        return Digest.sha256(chain.getBytes(StandardCharsets.UTF_8)).hex();
    }

    /** Puts the image into the catalogue under {@code aliases}. */
    public StoredImage finish(String source, ProcessDefaults process, List<String> aliases) throws IOException {
        RootInspection root;
        try (MergedTree tree = tree()) {
            root = RootInspection.of(tree);
        }
        long size = 0;
        for (String key : keys) {
            size += layers.size(key);
        }
        Manifest manifest = new Manifest(
                1, root.os(), root.osId(), root.architecture(), source, List.copyOf(keys),
                root.hasInit() ? List.of() : process.command(), new TreeMap<>(process.environment()),
                process.workingDirectory(), process.user());
        String created = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        return catalog.add(new ImageRecord(manifest, size, created, notes()), aliases);
    }

    /** What an image says of its first process. */
    public record ProcessDefaults(List<String> command, Map<String, String> environment, String workingDirectory, String user) {
        /** Of an image that says nothing. */
        public static final ProcessDefaults NONE = new ProcessDefaults(List.of(), Map.of(), "", "");
    }

    @Override
    public void close() throws IOException {
        try {
            for (String key : held) {
                layers.release(key);
            }
        } finally {
            held.clear();
            TreeRemoval.remove(staging);
        }
    }
}
