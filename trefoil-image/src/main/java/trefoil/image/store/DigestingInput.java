package trefoil.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Computes the digest of everything that is taken from a stream, what is skipped included (which the JDK's own forgets). Not thread-safe. */
public final class DigestingInput extends InputStream {
    private final InputStream in;
    private final String algorithm;
    private final MessageDigest digest;

    /** @param algorithm {@code sha256} or {@code sha512} */
    public DigestingInput(InputStream in, String algorithm) {
        this.in = in;
        this.algorithm = algorithm;
        this.digest = Digest.begin(algorithm);
    }

    @Override
    public int read() throws IOException {
        int b = in.read();
        if (b >= 0) {
            digest.update((byte) b);
        }
        return b;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int n = in.read(bytes, from, length);
        if (n > 0) {
            digest.update(bytes, from, n);
        }
        return n;
    }

    /** The digest of what was taken since the beginning; call once. */
    public Digest digest() {
        return Digest.of(algorithm, digest.digest());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
