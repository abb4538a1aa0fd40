package trefoil.daemon.lifecycle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The files that keep a server's console output: {@code console.log} and, for what is older, {@code console.log.1}. A line of the engine's own stands before each boot. */
public final class ConsoleLog {
    /** Its name in the server's directory. */
    static final String NAME = "console.log";

    private static final byte[] MARK = "---- trefoil: ".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL_BYTES = 8 << 10;
    private static final int TAIL_LINES = 20;

    private ConsoleLog() {}

    /** The file in a server's directory that grows. */
    public static Path file(Path directory) {
        return directory.resolve(NAME);
    }

    /** @param text what was printed since the last boot, as far as it is kept @param end length of the file that grows when it was read */
    public record Since(byte[] text, long end) {}

    /** What was printed since the last boot, and where to go on reading. */
    public static Since since(Path directory) throws IOException {
        byte[] now = read(file(directory));
        return new Since(sinceBoot(directory, now), now.length);
    }

    /** What was printed since the last boot, as far as it is kept. */
    public static byte[] sinceBoot(Path directory) throws IOException {
        return since(directory).text();
    }

    private static byte[] sinceBoot(Path directory, byte[] now) throws IOException {
        int mark = lastMark(now);
        if (mark >= 0) {
            return Arrays.copyOfRange(now, endOfLine(now, mark), now.length);
        }
        byte[] older = read(directory.resolve(NAME + ".1"));
        int from = lastMark(older) < 0 ? 0 : endOfLine(older, lastMark(older));
        byte[] both = Arrays.copyOfRange(older, from, older.length + now.length);
        System.arraycopy(now, 0, both, older.length - from, now.length);
        return both;
    }

    private static byte[] read(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    }

    /** Where the last line that begins with the mark begins; −1 when none does. */
    private static int lastMark(byte[] text) {
        for (int at = text.length - MARK.length; at >= 0; at--) {
            boolean lineStart = at == 0 || text[at - 1] == '\n';
            if (lineStart && Arrays.equals(text, at, at + MARK.length, MARK, 0, MARK.length)) {
                return at;
            }
        }
        return -1;
    }

    private static int endOfLine(byte[] text, int from) {
        for (int at = from; at < text.length; at++) {
            if (text[at] == '\n') {
                return at + 1;
            }
        }
        return text.length;
    }

    /** The last lines, without what would move a reader's cursor; empty when there are none. */
    static String tail(Path directory) {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return "";
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(Math.max(0, in.length() - TAIL_BYTES));
            byte[] end = new byte[(int) (in.length() - in.getFilePointer())];
            in.readFully(end);
            String text = new String(end, StandardCharsets.UTF_8)
                    .replaceAll("\u001b\\[[0-9;?]*[ -/]*[@-~]", "")
                    .replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "");
            List<String> lines = Arrays.asList(text.split("\n"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())).strip();
        } catch (IOException e) {
            return "(the console's log could not be read: " + e.getMessage() + ")";
        }
    }
}
