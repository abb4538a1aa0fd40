package trefoil.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import trefoil.linux.FileDescriptor;
import trefoil.linux.file.Contents;
import trefoil.linux.file.Inodes;
import trefoil.linux.file.Open;

/**
 * What a console printed, on disk: the file and, once it has grown to half of the limit, its predecessor with {@code .1}
 * appended; together they never hold more than the limit. A line {@code ---- trefoil: … ----} stands between boots.
 *
 * <p>A disk that is full must not stop the console: what cannot be written is counted and said in the log as soon as the disk
 * takes data again. Not thread-safe: the console guards it.
 */
final class ConsoleLog implements AutoCloseable {
    static final String MARK = "---- trefoil: ";

    private final Path path;
    private final long half;
    private FileDescriptor file;
    private long size;
    private boolean endsLine = true;
    private long lost;
    private IOException failure;

    /** @param limit most bytes of both files together; at least 2,048 */
    ConsoleLog(Path path, long limit) throws IOException {
        if (limit < 2048) {
            throw new IllegalArgumentException("a console log needs at least 2048 bytes, not " + limit);
        }
        this.path = path;
        this.half = limit / 2;
        open();
    }

    private Path predecessor() {
        return path.resolveSibling(path.getFileName() + ".1");
    }

    private void open() throws IOException {
        int flags = Open.O_RDWR | Open.O_CREAT | Open.O_APPEND | Open.O_NOFOLLOW;
        file = Open.open(path.toString(), flags, 0600);
        size = Inodes.fstat(file).size();
    }

    /** The last bytes since the last mark: at most {@code most}. */
    byte[] tail(int most) throws IOException {
        if (size == 0) {
            return new byte[0];
        }
        long from = Math.max(0, size - most);
        byte[] bytes = new byte[(int) (size - from)];
        int got = 0;
        int more;
        while (got < bytes.length && (more = Contents.pread(file, bytes, got, bytes.length - got, from + got)) > 0) {
            got += more;
        }
        String text = new String(bytes, 0, got, StandardCharsets.ISO_8859_1);
        int mark = text.lastIndexOf(MARK);
        while (mark > 0 && text.charAt(mark - 1) != '\n') {
            mark = text.lastIndexOf(MARK, mark - 1);
        }
        int end = mark < 0 ? -1 : text.indexOf('\n', mark);
        return Arrays.copyOfRange(bytes, end + 1, got);
    }

    /** Writes a mark on a line of its own. */
    void mark(String text) {
        String line = MARK + text.replaceAll("\\p{Cntrl}", " ") + " ----\n";
        append(((endsLine ? "" : "\n") + line).getBytes(StandardCharsets.UTF_8));
    }

    /** Appends; remembers a failure, see {@link #failure}. */
    void append(byte[] data) {
        try {
            if (lost > 0) {
                byte[] gap = ("\n[" + lost + " bytes lost: " + failure.getMessage() + "]\n")
                        .getBytes(StandardCharsets.UTF_8);
                put(gap);
                lost = 0;
                failure = null;
            }
            put(data);
        } catch (IOException e) {
            lost += data.length;
            failure = e;
        }
    }

    private void put(byte[] data) throws IOException {
        for (int at = 0; at < data.length; ) {
            if (size >= half) {
                rotate();
            }
            int length = (int) Math.min(data.length - at, half - size);
            Contents.writeFully(file, data, at, length);
            at += length;
            size += length;
            endsLine = data[at - 1] == '\n';
        }
    }

    private void rotate() throws IOException {
        try {
            Files.move(path, predecessor(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // somebody removed the log: begin a new one
        }
        FileDescriptor old = file;
        open();
        old.close();
    }

    /** Why the last bytes could not be written; {@code null} when they were. */
    IOException failure() {
        return failure;
    }

    @Override
    public void close() {
        file.close();
    }
}
