package trefoil.image.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import trefoil.image.unpack.Refusal;

/** An image layout in a directory. Links in it are refused, for it may come from anywhere. */
final class LayoutDirectory implements Blobs {
    private final Path directory;

    LayoutDirectory(Path directory) {
        this.directory = directory;
    }

    @Override
    public long size(String name) throws IOException {
        Path file = directory.resolve(name);
        for (Path p = file; !p.equals(directory); p = p.getParent()) {
            if (Files.isSymbolicLink(p)) {
                throw Refusal.bad("the image layout holds a symbolic link: " + directory.relativize(p));
            }
        }
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return -1;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw Refusal.bad("the image layout holds something other than a file at " + name);
        }
        return Files.size(file);
    }

    @Override
    public InputStream open(String name) throws IOException {
        return Files.newInputStream(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void close() {}
}
