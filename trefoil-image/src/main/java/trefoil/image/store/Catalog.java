package trefoil.image.store;

import io.avaje.json.JsonDataException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import trefoil.image.StoredImage;

/** The images of a store and their aliases. Thread-safe: guarded by its own monitor, in which nothing else is locked. */
public final class Catalog {
    private static final System.Logger LOG = System.getLogger(Catalog.class.getName());
    private static final Jsonb JSONB = Jsonb.builder().build();
    private static final int FINGERPRINT_DIGITS = 12;

    private final Path images;
    private final Path aliasFile;
    private final Path layers;
    private final Map<String, ImageRecord> records = new TreeMap<>();
    private final Map<String, String> aliases = new TreeMap<>();

    /** Reads the catalogue. An image that cannot be read or lacks a layer is set aside with a warning, so that one bad file does not take the others away. */
    public Catalog(Path directory) throws IOException {
        images = Files.createDirectories(directory.resolve("images"));
        aliasFile = directory.resolve("aliases.json");
        layers = directory.resolve("layers");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(images, "*.json")) {
            for (Path file : files) {
                load(file);
            }
        }
        loadAliases();
    }

    private void load(Path file) throws IOException {
        String fingerprint = file.getFileName().toString().replace(".json", "");
        try {
            ImageRecord image = JSONB.type(ImageRecord.class).fromJson(Files.readString(file));
            boolean whole = image.manifest() != null
                    && image.manifest().fingerprint(JSONB).equals(fingerprint)
                    && image.manifest().layers().stream().allMatch(key -> Files.isDirectory(layers.resolve(key)));
            if (whole) {
                records.put(fingerprint, image);
                return;
            }
            setAside(file, "it does not match its fingerprint, or a layer is missing");
        } catch (JsonDataException | IllegalStateException e) {
            setAside(file, e.getMessage());
        }
    }

    private static void setAside(Path file, String why) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        Files.move(file, aside, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        LOG.log(System.Logger.Level.WARNING, "image set aside as {0}: {1}", aside, why);
    }

    private void loadAliases() throws IOException {
        try {
            aliases.putAll(JSONB.type(Aliases.class).fromJson(Files.readString(aliasFile)).aliases());
        } catch (NoSuchFileException none) {
            return;
        } catch (JsonDataException | IllegalStateException e) {
            setAside(aliasFile, e.getMessage());
        }
        aliases.values().removeIf(fingerprint -> !records.containsKey(fingerprint));
    }

    /** The fingerprint that a manifest has. */
    public static String fingerprint(Manifest manifest) {
        return manifest.fingerprint(JSONB);
    }

    /** All images, newest first. */
    public synchronized List<StoredImage> list() {
        return records.keySet().stream()
                .map(this::stored)
                .sorted(Comparator.comparing(StoredImage::created).reversed().thenComparing(StoredImage::fingerprint))
                .toList();
    }

    /** The image with this alias, fingerprint, or unambiguous beginning of a fingerprint of 12 digits or more. */
    public synchronized Optional<StoredImage> find(String reference) {
        String byAlias = aliases.get(reference);
        if (byAlias != null) {
            return Optional.of(stored(byAlias));
        }
        if (!isFingerprint(reference)) {
            return Optional.empty();
        }
        List<String> found = records.keySet().stream().filter(f -> f.startsWith(reference)).toList();
        return found.size() == 1 ? Optional.of(stored(found.getFirst())) : Optional.empty();
    }

    /** Whether the words could only mean a fingerprint, so that they are no good alias. */
    public static boolean isFingerprint(String reference) {
        return reference.length() >= FINGERPRINT_DIGITS && reference.matches("[0-9a-f]{1,64}");
    }

    /** What was left out or changed when the image was unpacked; empty for one that is not there. */
    public synchronized List<String> notes(String fingerprint) {
        ImageRecord image = records.get(fingerprint);
        return image == null ? List.of() : image.notes();
    }

    /** The manifest of an image; {@code null} for one that is not there. */
    public synchronized Manifest manifest(String fingerprint) {
        ImageRecord image = records.get(fingerprint);
        return image == null ? null : image.manifest();
    }

    private StoredImage stored(String fingerprint) {
        ImageRecord image = records.get(fingerprint);
        Manifest m = image.manifest();
        return new StoredImage(
                fingerprint,
                aliases.entrySet().stream().filter(e -> e.getValue().equals(fingerprint)).map(Map.Entry::getKey).toList(),
                m.os(), m.osId(), m.architecture(),
                m.layers().stream().map(layers::resolve).toList(),
                m.layers().stream().map(key -> "sha256:" + key).toList(),
                image.size(), Instant.parse(image.created()), m.source(), List.copyOf(m.command()), Map.copyOf(m.environment()));
    }

    /** Adds the image, unless it is there, and gives it the aliases, which other images lose. */
    public synchronized StoredImage add(ImageRecord image, List<String> names) throws IOException {
        String fingerprint = fingerprint(image.manifest());
        if (!records.containsKey(fingerprint)) {
            DurableFile.write(images.resolve(fingerprint + ".json"), JSONB.type(ImageRecord.class).toJsonPretty(image));
            records.put(fingerprint, image);
        }
        Map<String, String> changed = new TreeMap<>(aliases);
        names.forEach(name -> changed.put(name, fingerprint));
        replaceAliases(changed);
        return stored(fingerprint);
    }

    /** Takes the image out, aliases first. Its layers stay. */
    public synchronized void remove(String fingerprint) throws IOException {
        Map<String, String> changed = new TreeMap<>(aliases);
        changed.values().removeIf(fingerprint::equals);
        replaceAliases(changed);
        Files.deleteIfExists(images.resolve(fingerprint + ".json"));
        DurableFile.syncDirectory(images);
        records.remove(fingerprint);
    }

    private void replaceAliases(Map<String, String> changed) throws IOException {
        if (!changed.equals(aliases)) {
            DurableFile.write(aliasFile, JSONB.type(Aliases.class).toJsonPretty(new Aliases(changed)));
            aliases.clear();
            aliases.putAll(changed);
        }
    }

    /** Whether an image has the layer. */
    synchronized boolean names(String layerKey) {
        Predicate<ImageRecord> has = image -> image.manifest().layers().contains(layerKey);
        return records.values().stream().anyMatch(has);
    }
}
