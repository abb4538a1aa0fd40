package trefoil.image.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import trefoil.image.ImageException;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/**
 * A content address, {@code sha256:64 hexadecimal digits} (OCI image-spec v1.1, descriptor.md, "Digests").
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower case
 */
public record Digest(String algorithm, String hex) {
    /** Reads one from a document of the image {@code where}. */
    public static Digest parse(String text, String where) throws ImageException {
        if (text.matches("sha256:[0-9a-f]{64}") || text.matches("sha512:[0-9a-f]{128}")) {
            return new Digest(text.substring(0, 6), text.substring(7));
        }
        throw Refusal.bad(where + " holds \"" + At.readable(At.raw(text)) + "\" for a digest; Trefoil takes sha256 and sha512 in lower case");
    }

    /** SHA-256 of the bytes. */
    public static Digest sha256(byte[] bytes) {
        return of(bytes, "sha256");
    }

    /** The digest of the bytes. */
    public static Digest of(byte[] bytes, String algorithm) {
        return of(algorithm, begin(algorithm).digest(bytes));
    }

    static Digest of(String algorithm, byte[] digest) {
        return new Digest(algorithm, HexFormat.of().formatHex(digest));
    }

    static MessageDigest begin(String algorithm) {
        return instance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    }

    private static MessageDigest instance(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(name.toLowerCase(Locale.ROOT) + " is in every JDK", e);
        }
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
