package trefoil.image.store;

import io.avaje.json.JsonDataException;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import trefoil.image.StoredImage;

/** The images of a store and their aliases. Thread-safe: guarded by its own monitor, in which nothing else is locked. */
public final class Catalog {
    private static final System.Logger LOG = System.getLogger(Catalog.class.getName());
    private static final Jsonb JSONB = Jsonb.builder().build();
    private static final int FINGERPRINT_DIGITS = 12;
    private static final String RECORD = ".json";
    private static final String DAMAGED = ".damaged";

    private final Path images;
    private final Path aliasFile;
    private final Path layers;
    private final Map<String, ImageRecord> records = new TreeMap<>();
    private final Map<String, String> aliases = new TreeMap<>();
    private final Set<String> damaged = new TreeSet<>();

    /**
     * Reads the catalogue. A record that cannot be read, or whose image lacks a layer, is set aside with a warning, so that one
     * bad file does not take the others away. It is looked at again at each opening and taken up once it is whole; until
     * then no layer of the store is removed, since any of them may be its own.
     */
    public Catalog(Path directory) throws IOException {
        images = Files.createDirectories(directory.resolve("images"));
        aliasFile = directory.resolve("aliases.json");
        layers = directory.resolve("layers");
        for (String fingerprint : fingerprints()) {
            load(fingerprint);
        }
        loadAliases();
    }

    private Set<String> fingerprints() throws IOException {
        Set<String> found = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(images, "*{" + RECORD + "," + RECORD + DAMAGED + "}")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                found.add(name.substring(0, name.indexOf(RECORD)));
            }
        }
        return found;
    }

    private void load(String fingerprint) throws IOException {
        Path record = images.resolve(fingerprint + RECORD);
        String fault = null;
        for (Path file : List.of(record, aside(record))) {
            if (fault == null || Files.exists(file)) {
                fault = load(file, fingerprint);
            }
            if (fault == null) {
                Files.move(file, record, StandardCopyOption.REPLACE_EXISTING);
                Files.deleteIfExists(aside(record));
                return;
            }
        }
        damaged.add(fingerprint);
        setAside(record, fault);
    }

    /** Takes the image up. @return why not; {@code null} when it was */
    private String load(Path file, String fingerprint) throws IOException {
        try {
            ImageRecord image = read(file, ImageRecord.class);
            String fault = fault(image, fingerprint);
            if (fault == null) {
                records.put(fingerprint, image);
            }
            return fault;
        } catch (JsonException | CharacterCodingException | NoSuchFileException e) {
            return "it cannot be read: " + e.getMessage();
        }
    }

    private static <T> T read(Path file, Class<T> type) throws IOException {
        String json = Files.readString(file);
        try {
            return JSONB.type(type).fromJson(json);
        } catch (IllegalStateException | IndexOutOfBoundsException e) {
            // How the parser tells of some texts that are no JSON.
            throw new JsonDataException("it is no JSON: " + e.getMessage());
        }
    }

    /** What is wrong with a record; {@code null} where nothing is. */
    private String fault(ImageRecord image, String fingerprint) {
        Manifest manifest = image == null ? null : image.manifest();
        boolean complete = manifest != null && image.created() != null && image.notes() != null && manifest.layers() != null
                && manifest.command() != null && manifest.environment() != null;
        if (!complete || !manifest.fingerprint(JSONB).equals(fingerprint) || !isInstant(image.created())) {
            return "it does not match its fingerprint";
        }
        return manifest.layers().stream()
                .filter(key -> !Files.isDirectory(layers.resolve(key)))
                .map(key -> "its layer " + layers.resolve(key) + " is missing")
                .findFirst()
                .orElse(null);
    }

    private static boolean isInstant(String words) {
        try {
            return !Instant.parse(words).isBefore(Instant.EPOCH);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static Path aside(Path file) {
        return file.resolveSibling(file.getFileName() + DAMAGED);
    }

    /** Moves a file out of the way, unless it is there already. */
    private static void setAside(Path file, String why) throws IOException {
        Path aside = aside(file);
        if (Files.exists(file)) {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "{0} is set aside: {1}. Restore what is missing or import the image again, and start the daemon again; or, if nothing needs it, delete that file",
                aside, why);
    }

    private void loadAliases() throws IOException {
        try {
            Aliases read = read(aliasFile, Aliases.class);
            if (read == null || read.aliases() == null || read.aliases().containsValue(null)) {
                setAside(aliasFile, "it holds no aliases");
                return;
            }
            aliases.putAll(read.aliases());
        } catch (NoSuchFileException none) {
            return;
        } catch (JsonException | CharacterCodingException e) {
            setAside(aliasFile, "it cannot be read: " + e.getMessage());
        }
        aliases.values().removeIf(fingerprint -> !records.containsKey(fingerprint) && !damaged.contains(fingerprint));
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
        if (byAlias != null && records.containsKey(byAlias)) {
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

    /** Whether the image is there, or is set aside because its record cannot be read. */
    public synchronized boolean knows(String fingerprint) {
        return records.containsKey(fingerprint) || damaged.contains(fingerprint);
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
                image.size(), Instant.parse(image.created()), m.source(), List.copyOf(m.command()), Map.copyOf(m.environment()),
                m.user(), m.workingDirectory());
    }

    /** Adds the image, unless it is there, and gives it the aliases, which other images lose. */
    public synchronized StoredImage add(ImageRecord image, List<String> names) throws IOException {
        String fingerprint = fingerprint(image.manifest());
        if (!records.containsKey(fingerprint)) {
            DurableFile.write(images.resolve(fingerprint + RECORD), JSONB.type(ImageRecord.class).toJsonPretty(image));
            records.put(fingerprint, image);
            Files.deleteIfExists(aside(images.resolve(fingerprint + RECORD)));
            damaged.remove(fingerprint);
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
        Files.deleteIfExists(images.resolve(fingerprint + RECORD));
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

    /** Whether an image has the layer, or may have it because nobody can read its record. */
    synchronized boolean names(String layerKey) {
        if (!damaged.isEmpty()) {
            return true;
        }
        Predicate<ImageRecord> has = image -> image.manifest().layers().contains(layerKey);
        return records.values().stream().anyMatch(has);
    }
}
