package trefoil.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import trefoil.cli.session.Transfer;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.value.UsageException;

/** {@code trefoil image export}. */
public final class ImageExport extends Subcommand {
    private final Operand image = operand("IMAGE", "An alias or a fingerprint.");

    private final Operand file = optionalOperand("FILE", "IMAGE.tar.zst where not given; - is standard output.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Writes an image's root file system to a tarball compressed with zstd.
                """,
                """
                trefoil image export debian:12
                trefoil image export debian:12 - | ssh other trefoil image import - debian:12
                """);
    }

    @Override
    protected int run() throws IOException {
        if ("-".equals(file.text())) {
            if (session().terminals().out()) {
                throw new UsageException("a tarball is nothing for a terminal", "trefoil image export " + image.text() + " FILE");
            }
            try (InputStream in = session().daemon().exportImage(image.text())) {
                in.transferTo(session().out());
            }
            return 0;
        }
        Path target = Path.of(file.text() == null ? image.text().replace(':', '-').replace('/', '-') + ".tar.zst" : file.text());
        Path part = target.resolveSibling(target.getFileName() + ".part");
        boolean done = false;
        try (InputStream in = new Transfer(session(), "receiving " + image.text(), session().daemon().exportImage(image.text()), -1)) {
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
