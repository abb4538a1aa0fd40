package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.api.Operation;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.session.Transfer;
import trefoil.client.TrefoilClient;

/** {@code trefoil image import}. */
@Command(
        sortOptions = false,
        description = {
            "Imports an image and prints its fingerprint.",
            "",
            "A tarball of a root file system (plain, gzip, xz or zstd), an OCI image archive, or the directory of an OCI image layout; - is"
                    + " standard input.",
            ""
        })
public final class ImageImport extends Subcommand {
    @Parameters(index = "0", paramLabel = "ARCHIVE", description = "The file or directory.")
    private String archive;

    @Parameters(index = "1", arity = "0..1", paramLabel = "ALIAS", description = "A name for the image, such as company/web:3.")
    private String alias;

    @Override
    protected int run() throws IOException {
        Operation begun = send();
        String words = alias == null ? archive : alias;
        Operation ended = new OperationWatch(session(), words).await(begun, null);
        session().out().println(ended.metadata().getOrDefault("fingerprint", ""));
        return 0;
    }

    private Operation send() throws IOException {
        TrefoilClient daemon = session().daemon();
        if (archive.equals("-")) {
            return daemon.importImage(session().in(), -1, alias);
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
            return daemon.importImage(new Transfer(session(), "sending " + path.getFileName(), in, length), length, alias);
        }
    }

    /** Sends the directory of an OCI image layout as the archive that tar(1) makes of it. */
    private Operation sendLayout(TrefoilClient daemon, Path layout) throws IOException {
        if (!Files.exists(layout.resolve("oci-layout"))) {
            throw new IOException(layout + " is a directory and not an OCI image layout: it has no file oci-layout");
        }
        Process tar = new ProcessBuilder("tar", "-C", layout.toString(), "-cf", "-", ".").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (InputStream in = tar.getInputStream()) {
            return daemon.importImage(new Transfer(session(), "sending " + layout.getFileName(), in, -1), -1, alias);
        } finally {
            tar.destroy();
        }
    }
}
