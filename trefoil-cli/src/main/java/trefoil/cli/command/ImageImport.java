package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import trefoil.api.Operation;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.session.Transfer;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;
import trefoil.cli.value.UsageException;
import trefoil.client.TrefoilClient;

/** {@code trefoil image import}. */
public final class ImageImport extends Subcommand {
    private final Operand source = operand("ARCHIVE", "The file or directory.");

    private final Operand second = optionalOperand("ALIAS", "A name for the image, such as company/web:3.");

    private final Value option = value("--alias", "ALIAS", "The same.");

    private String archive;
    private String alias;

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Imports an image and prints its fingerprint.

                A tarball of a root file system (plain, gzip, xz or zstd), an OCI image archive, or the directory of an OCI image layout; - is standard input.
                """,
                """
                trefoil image import rootfs.tar.zst --alias company/web:3
                skopeo copy docker://docker.io/library/alpine:3 oci:alpine && trefoil image import alpine alpine:3
                """);
    }

    @Override
    protected int run() throws IOException {
        if (second.text() != null && option.text() != null) {
            throw new UsageException("the alias is given twice", "trefoil image import " + source.text() + " --alias " + option.text());
        }
        archive = source.text();
        alias = option.text(second.text());
        Operation begun = send();
        String words = alias == null ? archive : alias;
        Operation ended = new OperationWatch(session(), words).await(begun, null);
        session().out().println(ended.metadata().getOrDefault("fingerprint", ""));
        return 0;
    }

    private Operation send() throws IOException {
        TrefoilClient daemon = session().daemon();
        if (archive.equals("-")) {
            return daemon.importImage(session().in(), -1, alias, "standard input");
        }
        Path path = Path.of(archive);
        if (!Files.exists(path)) {
            throw new NoSuchFileException(archive);
        }
        if (Files.isDirectory(path)) {
            return sendLayout(daemon, path);
        }
        try (InputStream in = Files.newInputStream(path)) {
            // A pipe tells no size.
            long length = Files.isRegularFile(path) ? Files.size(path) : -1;
            return daemon.importImage(new Transfer(session(), "sending " + path.getFileName(), in, length), length, alias, name(path));
        }
    }

    private static String name(Path path) {
        return path.getFileName() == null ? path.toString() : path.getFileName().toString();
    }

    /** Sends the directory of an OCI image layout as the archive that tar(1) makes of it. */
    private Operation sendLayout(TrefoilClient daemon, Path layout) throws IOException {
        if (!Files.exists(layout.resolve("oci-layout"))) {
            throw new IOException(layout + " is a directory and not an OCI image layout: it has no file oci-layout");
        }
        Process tar = new ProcessBuilder("tar", "-C", layout.toString(), "-cf", "-", ".").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (InputStream in = tar.getInputStream()) {
            return daemon.importImage(new Transfer(session(), "sending " + layout.getFileName(), in, -1), -1, alias, name(layout));
        } finally {
            tar.destroy();
        }
    }
}
