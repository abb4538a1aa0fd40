package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.cli.session.Transfer;
import trefoil.cli.value.UsageException;

/** {@code trefoil image export}. */
@Command(sortOptions = false, description = "Writes an image's root file system to a tarball compressed with zstd.")
public final class ImageExport extends Subcommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "An alias or a fingerprint.")
    private String image;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "IMAGE.tar.zst where not given; - is standard output.")
    private String file;

    @Override
    protected int run() throws IOException {
        if ("-".equals(file)) {
            if (session().terminals().out()) {
                throw new UsageException("a tarball is nothing for a terminal", "trefoil image export " + image + " FILE");
            }
            try (InputStream in = session().daemon().exportImage(image)) {
                in.transferTo(session().out());
            }
            return 0;
        }
        Path target = Path.of(file == null ? image.replace(':', '-').replace('/', '-') + ".tar.zst" : file);
        Path part = target.resolveSibling(target.getFileName() + ".part");
        boolean done = false;
        try (InputStream in = new Transfer(session(), "receiving " + image, session().daemon().exportImage(image), -1)) {
            try (OutputStream out = Files.newOutputStream(part)) {
                in.transferTo(out);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(part);
            }
        }
        session().say(target + " written");
        return 0;
    }
}
