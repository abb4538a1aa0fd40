package trefoil.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * An answer whose body has not been read yet.
 *
 * @param status HTTP status
 * @param headers its header fields
 * @param body the body; reading it to its end gives the connection back, closing it earlier closes the connection
 */
record HttpAnswer(int status, Headers headers, InputStream body) {
    private static final int MAX_TEXT = 64 << 20;

    /** The whole body as UTF-8. */
    String text() throws IOException {
        return new String(octets(), StandardCharsets.UTF_8);
    }

    /** The whole body. */
    byte[] octets() throws IOException {
        try (InputStream in = body) {
            ByteArrayOutputStream all = new ByteArrayOutputStream(4096);
            byte[] buffer = new byte[16 * 1024];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
                if (all.size() > MAX_TEXT) {
                    throw new ProtocolException("the daemon's answer is longer than " + MAX_TEXT + " bytes");
                }
            }
            return all.toByteArray();
        }
    }
}
