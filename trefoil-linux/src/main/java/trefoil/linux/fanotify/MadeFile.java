package trefoil.linux.fanotify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One file that is made when read. The answering thread's, but for its path. */
final class MadeFile {
    private final Path path;
    private final MadeOnRead.Content content;
    private long madeAt;
    private int length = -1;

    MadeFile(Path path, MadeOnRead.Content content) {
        this.path = path;
        this.content = content;
        this.madeAt = System.nanoTime() - MadeOnRead.AGE_MILLIS * 1_000_000;
    }

    Path path() {
        return path;
    }

    boolean old() {
        return System.nanoTime() - madeAt >= MadeOnRead.AGE_MILLIS * 1_000_000;
    }

    /** Makes it anew; it counts as new for a while even when that fails, so that a failure costs no more than a success. */
    void make() throws IOException {
        try {
            replace();
        } finally {
            madeAt = System.nanoTime();
        }
    }

    private void replace() throws IOException {
        byte[] bytes = content.make().getBytes(StandardCharsets.UTF_8);
        if (length < 0) {
            length = (int) Files.size(path); // what an earlier process left
        }
        SmallTmpfs.replace(path, bytes, length);
        length = bytes.length;
    }
}
