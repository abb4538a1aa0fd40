package trefoil.daemon.resource;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Image;
import trefoil.api.ImageBuild;
import trefoil.daemon.event.Events;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.ledger.Ledger;
import trefoil.daemon.lifecycle.ImageShelf;
import trefoil.daemon.lifecycle.Lazily;
import trefoil.daemon.lifecycle.Registry;
import trefoil.daemon.operation.OperationRun;
import trefoil.daemon.operation.Operations;
import trefoil.image.Progress;
import trefoil.image.StoredImage;

/** {@code /1.0/images}. */
public final class ImageRoutes {
    private static final int LONGEST_NAME = 255;
    private static final long ROOM_CHECK = 64 << 20;

    private final Lazily<ImageShelf> images;
    private final Registry servers;
    private final Consumer<String> leaving;
    private final Operations operations;
    private final Events events;
    private final Ledger ledger;
    private final Path uploads;

    /**
     * @param leaving is told the fingerprint of an image before it is deleted
     * @param uploads directory for archives on their way in
     */
    public ImageRoutes(
            Lazily<ImageShelf> images, Registry servers, Consumer<String> leaving, Operations operations, Events events, Ledger ledger,
            Path uploads) {
        this.images = images;
        this.servers = servers;
        this.leaving = leaving;
        this.operations = operations;
        this.events = events;
        this.ledger = ledger;
        this.uploads = uploads;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0/images", "lists images", call -> list()),
                new Route("POST", "/1.0/images/build", "builds an image", this::build),
                new Route("POST", "/1.0/images/import", "imports a rootfs tarball or OCI archive", this::importArchive),
                new Route("GET", "/1.0/images/{reference}", "describes an image", call -> Reply.json(Image.class, view(find(call)))),
                new Route("GET", "/1.0/images/{reference}/export", "sends an image as a tarball", this::export),
                new Route("DELETE", "/1.0/images/{reference}", "deletes an image that no server is made from", this::delete));
    }

    private Reply list() throws IOException {
        // Newest first in the store; lists of the API are in the order of names.
        return Reply.list(Image.class, images.get().list().stream()
                .map(this::view)
                .sorted(Comparator.comparing((Image image) -> image.aliases().isEmpty() ? "~" : image.aliases().getFirst())
                        .thenComparing(Image::fingerprint))
                .toList());
    }

    private StoredImage find(Call call) throws IOException {
        String reference = call.path("reference");
        return images.get().find(reference).orElseThrow(() -> new ApiException(
                ErrorCode.NOT_FOUND, "there is no image " + reference, "trefoil image list, or: trefoil image build " + reference));
    }

    private Image view(StoredImage i) {
        return new Image(
                i.fingerprint(), i.aliases(), i.os(), i.architecture(), i.digests(), i.size(), i.created().toEpochMilli(),
                i.source(), servers.from(i.fingerprint()));
    }

    private Reply build(Call call) throws IOException {
        ImageBuild build = call.body(ImageBuild.class);
        if (build.image() == null || build.image().isBlank()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "image: it is missing", "name one, such as debian:12");
        }
        boolean force = Boolean.TRUE.equals(build.force());
        return Reply.async(operations.start("building image " + build.image(), List.of("/1.0/images/" + build.image()), run -> {
            ledger.roomForAnother();
            run.cancellable();
            StoredImage made = images.get().build(build.image(), force, progress(run));
            run.notCancellable();
            done(run, made, "image-built");
        }));
    }

    private static Progress progress(OperationRun run) {
        return run::progress;
    }

    private void done(OperationRun run, StoredImage image, String action) {
        run.result("fingerprint", image.fingerprint());
        events.lifecycle("/1.0/images/" + image.fingerprint(), action, Map.of("fingerprint", image.fingerprint()));
    }

    private Reply importArchive(Call call) throws IOException {
        String alias = call.query("alias");
        String told = call.query("name");
        String name = told == null || told.isBlank() ? "the archive" : told.substring(0, Math.min(told.length(), LONGEST_NAME));
        ledger.roomForAnother();
        Path file = Files.createTempFile(uploads, "import-", ".archive");
        boolean received = false;
        try {
            receive(call, file);
            received = true;
        } finally {
            if (!received) {
                Files.deleteIfExists(file);
            }
        }
        return Reply.async(operations.start("importing an image", List.of("/1.0/images"), run -> {
            try {
                run.cancellable();
                StoredImage image = images.get().importFile(file, name, alias, progress(run));
                run.notCancellable();
                done(run, image, "image-imported");
            } finally {
                Files.deleteIfExists(file);
            }
        }));
    }

    /** Writes the body to the file, and stops when it eats into what is reserved for the host. */
    private void receive(Call call, Path file) throws IOException {
        byte[] buffer = new byte[64 << 10];
        long unchecked = 0;
        try (InputStream in = call.body(); OutputStream out = Files.newOutputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                unchecked += n;
                if (unchecked > ROOM_CHECK) {
                    ledger.roomForAnother();
                    unchecked = 0;
                }
            }
        }
    }

    private Reply export(Call call) throws IOException {
        StoredImage image = find(call);
        return new Reply.Octets("application/zstd", Map.of(), out -> images.get().export(image.fingerprint(), out, Progress.NONE));
    }

    private Reply delete(Call call) throws IOException {
        StoredImage image = find(call);
        List<String> users = servers.from(image.fingerprint());
        if (!users.isEmpty()) {
            throw new ApiException(
                    ErrorCode.CONFLICT, "servers are made from image " + call.path("reference") + ": " + String.join(", ", users),
                    "delete them first: trefoil delete " + users.getFirst());
        }
        leaving.accept(image.fingerprint());
        images.get().delete(call.path("reference"));
        events.lifecycle("/1.0/images/" + image.fingerprint(), "image-deleted", Map.of("fingerprint", image.fingerprint()));
        return Reply.done();
    }
}
