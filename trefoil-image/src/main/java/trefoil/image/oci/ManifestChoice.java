package trefoil.image.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/** Finds, from {@code index.json} down, the one manifest for this machine. */
final class ManifestChoice {
    private static final int INDEX_DEPTH = 4;
    private static final int MANIFEST_LIMIT = 1000;
    private static final Set<String> INDEXES = Set.of(
            "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json");
    private static final Set<String> MANIFESTS = Set.of(
            "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json");

    private final Blobs blobs;
    private final List<String> wanted;
    private final List<Descriptor> found = new ArrayList<>();

    /** @param wanted names that the user gave; a manifest of such a name is preferred */
    ManifestChoice(Blobs blobs, List<String> wanted) {
        this.blobs = blobs;
        this.wanted = wanted;
    }

    /** Architecture of this machine in OCI's (Go's) words. */
    static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "aarch64" -> "arm64";
            case String arch -> arch;
        };
    }

    Descriptor choose() throws IOException {
        requireVersion();
        collect(Document.parse(blobs.document("index.json", "the image layout"), "index.json"), 0);
        List<Descriptor> fitting = found.stream().filter(ManifestChoice::fits).toList();
        if (fitting.isEmpty()) {
            String there = found.stream().map(d -> d.platform().toString()).distinct().limit(20).collect(Collectors.joining(", "));
            throw Refusal.bad(
                    "the image is not for linux/" + architecture() + ", the platform of this host; it is for "
                            + (there.isEmpty() ? "none" : At.readable(At.raw(there))),
                    "another architecture needs a full virtual server: --kind full");
        }
        List<Descriptor> named = fitting.stream().filter(d -> wanted.contains(d.refName())).toList();
        return one(best(named.isEmpty() ? fitting : named));
    }

    private void requireVersion() throws IOException {
        String version = Document.parse(blobs.document("oci-layout", "the image layout"), "oci-layout").text("imageLayoutVersion");
        if (!version.equals("1.0.0")) {
            throw Refusal.bad("oci-layout tells version \"" + At.readable(At.raw(version)) + "\"; Trefoil knows 1.0.0");
        }
    }

    private void collect(Document index, int depth) throws IOException {
        for (Document d : index.objects("manifests")) {
            Descriptor descriptor = Descriptor.of(d);
            if (INDEXES.contains(descriptor.mediaType())) {
                if (depth >= INDEX_DEPTH) {
                    throw Refusal.bad("the image nests indexes deeper than " + INDEX_DEPTH + " levels");
                }
                collect(Document.parse(descriptor.verified(blobs, "index"), "index " + descriptor.digest()), depth + 1);
            } else if (MANIFESTS.contains(descriptor.mediaType())) {
                found.add(descriptor);
            }
            if (found.size() > MANIFEST_LIMIT) {
                throw Refusal.bad("the image has more than " + MANIFEST_LIMIT + " manifests");
            }
        }
    }

    private static boolean fits(Descriptor d) {
        return !d.platform().isSaid()
                || d.platform().os().equals("linux") && d.platform().architecture().equals(architecture());
    }

    /** Those that name the platform, if any do; of these the plainest variant, which every such machine runs. */
    private static List<Descriptor> best(List<Descriptor> fitting) {
        List<Descriptor> said = fitting.stream().filter(d -> d.platform().isSaid()).toList();
        List<Descriptor> from = said.isEmpty() ? fitting : said;
        String plainest = from.stream().map(d -> d.platform().variant()).min(String::compareTo).orElse("");
        return from.stream().filter(d -> d.platform().variant().equals(plainest)).toList();
    }

    private static Descriptor one(List<Descriptor> candidates) throws IOException {
        List<Descriptor> distinct = new ArrayList<>();
        for (Descriptor d : candidates) {
            if (distinct.stream().noneMatch(x -> x.digest().equals(d.digest()))) {
                distinct.add(d);
            }
        }
        if (distinct.size() == 1) {
            return distinct.getFirst();
        }
        String names = distinct.stream().map(Descriptor::refName).filter(n -> !n.isEmpty()).limit(20)
                .map(n -> At.readable(At.raw(n))).collect(Collectors.joining(", "));
        throw Refusal.bad(
                "the layout holds " + distinct.size() + " images for this machine" + (names.isEmpty() ? "" : ": " + names),
                "name one of them as the alias, or make a layout of one image");
    }
}
