package trefoil.cli.output;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Prints long texts: encoded in one step, where {@link PrintStream#print(String)} passes them through three buffers. */
final class Utf8 {
    private Utf8() {}

    static void print(PrintStream out, StringBuilder text) {
        byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
        out.write(octets, 0, octets.length);
    }
}
