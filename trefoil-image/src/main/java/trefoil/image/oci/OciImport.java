package trefoil.image.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.image.Progress;
import trefoil.image.StoredImage;
import trefoil.image.store.Digest;
import trefoil.image.store.DigestingInput;
import trefoil.image.store.Intake;
import trefoil.image.store.Intake.ProcessDefaults;
import trefoil.image.unpack.Compression;
import trefoil.image.unpack.CountedInput;
import trefoil.image.unpack.Dialect;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/** Imports one image out of a layout or a {@code docker save} archive, see the package. */
public final class OciImport {
    /** As Docker; overlayfs takes 500 (fs/overlayfs/params.h). */
    private static final int LAYER_LIMIT = 128;

    private static final int ARGUMENT_LIMIT = 4096;

    private final Intake intake;
    private final Blobs blobs;
    private final Progress progress;

    private OciImport(Intake intake, Blobs blobs, Progress progress) {
        this.intake = intake;
        this.blobs = blobs;
        this.progress = progress;
    }

    /** A layer: its blob, and what the blob must be. {@code digest} is {@code null} where only the content is vouched for. */
    private record Layer(String blob, long size, Digest digest, Digest diffId) {}

    /** Whether the directory is an image layout. */
    public static boolean isLayout(Path directory) {
        return Files.exists(directory.resolve("oci-layout")) || Files.exists(directory.resolve("index.json"));
    }

    /** Imports from an image layout in a directory. */
    public static StoredImage ofDirectory(Intake intake, Path directory, Progress progress, List<String> aliases) throws IOException {
        try (Blobs blobs = new LayoutDirectory(directory.toAbsolutePath())) {
            return new OciImport(intake, blobs, progress).run(aliases);
        }
    }

    /** Imports from a tar archive of an image layout, or of {@code docker save}. */
    public static StoredImage ofArchive(Intake intake, Path file, String name, Progress progress, List<String> aliases) throws IOException {
        try (Blobs blobs = new LayoutArchive(file, intake.directory(), intake.bounds(), name, progress)) {
            return new OciImport(intake, blobs, progress).run(aliases);
        }
    }

    private StoredImage run(List<String> aliases) throws IOException {
        if (blobs.size("index.json") >= 0) {
            Descriptor manifest = new ManifestChoice(blobs, aliases).choose();
            return ofManifest(Document.parse(manifest.verified(blobs, "manifest"), "manifest " + manifest.digest()), aliases);
        }
        if (blobs.size("manifest.json") >= 0) {
            return ofDockerArchive(aliases);
        }
        throw Refusal.bad("the image has neither index.json (an OCI layout) nor manifest.json (docker save)");
    }

    private StoredImage ofManifest(Document manifest, List<String> aliases) throws IOException {
        if (manifest.number("schemaVersion") != 2) {
            throw Refusal.bad(manifest.where() + " is of another schema version than 2");
        }
        Descriptor config = Descriptor.of(manifest.object("config"));
        if (!config.mediaType().equals("application/vnd.oci.image.config.v1+json")
                && !config.mediaType().equals("application/vnd.docker.container.image.v1+json")) {
            throw Refusal.bad(manifest.where() + " is no image of a file system: its configuration is "
                    + At.readable(At.raw(config.mediaType())));
        }
        Document configuration = Document.parse(config.verified(blobs, "configuration"), "configuration " + config.digest());
        List<Document> described = manifest.objects("layers");
        List<Digest> diffIds = diffIds(configuration, described.size());
        List<Layer> layers = new ArrayList<>();
        for (Document d : described) {
            Descriptor layer = Descriptor.of(d);
            requireLayerType(layer);
            layer.requireSize(blobs, "layer");
            layers.add(new Layer(layer.name(), layer.size(), layer.digest(), diffIds.get(layers.size())));
        }
        return add(layers, configuration, aliases);
    }

    private static void requireLayerType(Descriptor layer) throws IOException {
        String type = layer.mediaType();
        boolean known = type.startsWith("application/vnd.oci.image.layer.")
                || type.startsWith("application/vnd.docker.image.rootfs.");
        if (!known || type.contains("encrypted")) {
            throw Refusal.bad("layer " + layer.digest() + " is of the type " + At.readable(At.raw(type)) + ", which Trefoil cannot unpack");
        }
    }

    private StoredImage ofDockerArchive(List<String> aliases) throws IOException {
        List<Document> images = Document.parseList(blobs.document("manifest.json", "the archive"), "manifest.json");
        List<Document> named = new ArrayList<>();
        for (Document image : images) {
            if (image.texts("RepoTags").stream().anyMatch(aliases::contains)) {
                named.add(image);
            }
        }
        List<Document> candidates = named.isEmpty() ? images : named;
        if (candidates.size() != 1) {
            throw Refusal.bad("the archive holds " + images.size() + " images", "name one of them as the alias, or save one image alone");
        }
        Document image = candidates.getFirst();
        String configName = image.text("Config");
        Document configuration = Document.parse(blobs.document(configName, "the archive"), "configuration");
        List<String> names = image.texts("Layers");
        List<Digest> diffIds = diffIds(configuration, names.size());
        List<Layer> layers = new ArrayList<>();
        for (String name : names) {
            long size = blobs.size(name);
            if (size < 0) {
                throw Refusal.bad("the archive lacks the layer " + At.readable(At.raw(name)));
            }
            layers.add(new Layer(name, size, null, diffIds.get(layers.size())));
        }
        return add(layers, configuration, aliases);
    }

    private static List<Digest> diffIds(Document configuration, int layers) throws IOException {
        if (layers == 0 || layers > LAYER_LIMIT) {
            throw Refusal.bad("the image has " + layers + " layers; Trefoil takes 1 to " + LAYER_LIMIT);
        }
        List<Digest> diffIds = new ArrayList<>();
        for (String id : configuration.object("rootfs").texts("diff_ids")) {
            diffIds.add(Digest.parse(id, configuration.where() + ".rootfs.diff_ids"));
        }
        if (diffIds.size() != layers) {
            throw Refusal.bad("the image has " + layers + " layers, and its configuration names " + diffIds.size());
        }
        return diffIds;
    }

    private StoredImage add(List<Layer> layers, Document configuration, List<String> aliases) throws IOException {
        requirePlatform(configuration);
        ProcessDefaults process = process(configuration.object("config"));
        long total = layers.stream().mapToLong(Layer::size).sum();
        long done = 0;
        for (Layer layer : layers) {
            unpack(layer, layers.indexOf(layer) + 1, done, total);
            done += layer.size();
        }
        progress.at("unpacking", total, total, "bytes");
        return intake.finish("oci", process, aliases);
    }

    private static void requirePlatform(Document configuration) throws IOException {
        String os = configuration.text("os");
        String architecture = configuration.text("architecture");
        if (!os.equals("linux") || !architecture.equals(ManifestChoice.architecture())) {
            throw Refusal.bad(
                    "the image is for " + At.readable(At.raw(os + "/" + architecture)) + "; this host runs linux/"
                            + ManifestChoice.architecture(),
                    "another system or architecture needs a full virtual server: --kind full");
        }
    }

    private void unpack(Layer layer, int number, long done, long total) throws IOException {
        String subject = "layer " + number + " (" + layer.diffId() + ")";
        String algorithm = layer.digest() == null ? "sha256" : layer.digest().algorithm();
        try (DigestingInput blob = new DigestingInput(blobs.open(layer.blob()), algorithm);
                CountedInput counted = new CountedInput(blob, subject, n -> progress.at("unpacking", done + n, total, "bytes"));
                InputStream in = Compression.open(counted, intake.bounds()).stream()) {
            DigestingInput content = new DigestingInput(in, layer.diffId().algorithm());
            intake.addLayer(content, Dialect.OCI, subject);
            in.transferTo(OutputStream.nullOutputStream());
            counted.transferTo(OutputStream.nullOutputStream());
            requireSame("layer", layer.digest(), blob.digest());
            requireSame("layer, uncompressed,", layer.diffId(), content.digest());
        }
    }

    private static void requireSame(String what, Digest expected, Digest found) throws IOException {
        if (expected != null && !expected.equals(found)) {
            throw Refusal.bad(
                    "the image's " + what + " is not what its digest says: expected " + expected + ", found " + found,
                    "fetch the image again");
        }
    }

    private ProcessDefaults process(Document config) throws IOException {
        List<String> command = new ArrayList<>(config.texts("Entrypoint"));
        command.addAll(config.texts("Cmd"));
        if (command.size() > ARGUMENT_LIMIT || command.stream().anyMatch(a -> a.indexOf(0) >= 0)) {
            throw Refusal.bad(config.where() + " holds a command that no system can run");
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (String assignment : config.texts("Env")) {
            int equals = assignment.indexOf('=');
            if (equals < 1 || assignment.indexOf(0) >= 0 || environment.size() > ARGUMENT_LIMIT) {
                throw Refusal.bad(config.where() + ".Env holds \"" + At.readable(At.raw(assignment)) + "\", which is no assignment");
            }
            environment.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
        String directory = config.text("WorkingDir");
        String user = config.text("User");
        if (!directory.isEmpty() && !directory.startsWith("/") || directory.indexOf(0) >= 0) {
            throw Refusal.bad(config.where() + ".WorkingDir is \"" + At.readable(At.raw(directory)) + "\", which is no absolute path");
        }
        return new ProcessDefaults(command, environment, directory, user);
    }
}
