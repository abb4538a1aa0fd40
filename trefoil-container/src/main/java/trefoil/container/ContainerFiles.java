package trefoil.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Files inside a container, reached from outside. Paths are absolute and are resolved as inside, never beyond its root,
 * whatever links it holds. Owners are ids as inside.
 */
public interface ContainerFiles extends AutoCloseable {
    /**
     * @param type {@code file}, {@code directory}, {@code symlink} or {@code other}
     * @param mode permission bits
     * @param target of a symbolic link; {@code null} otherwise
     */
    record Entry(String type, int mode, int uid, int gid, long size, String target) {}

    /** What a path leads to, links followed. */
    Entry stat(String path) throws IOException;

    /** What stands at a path: a symbolic link at its end is not followed. */
    Entry lstat(String path) throws IOException;

    /** Names in a directory, sorted, without {@code .} and {@code ..}. */
    List<String> list(String path) throws IOException;

    /** Copies a regular file out. */
    void read(String path, OutputStream to) throws IOException;

    /** Replaces a file atomically (written beside it, then renamed); a failure leaves what was there. */
    void write(String path, InputStream from, int uid, int gid, int mode) throws IOException;

    /** Makes a directory; nothing when it is there. */
    void makeDirectory(String path, int uid, int gid, int mode) throws IOException;

    /** Makes a symbolic link; a file or link that stands there is replaced in one step, a directory is refused. */
    void makeLink(String path, String target, int uid, int gid) throws IOException;

    /** Removes a file or an empty directory. */
    void remove(String path) throws IOException;

    @Override
    void close();
}
