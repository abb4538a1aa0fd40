package trefoil.client;

import java.nio.charset.StandardCharsets;

/** Percent-encoding of one path segment or query value (RFC 3986, section 2.1): all but the unreserved characters. */
public final class Percent {
    private static final String DIGITS = "0123456789ABCDEF";

    private Percent() {}

    /** {@code text} with every octet of its UTF-8 that is not unreserved as {@code %XX}. */
    public static String encode(String text) {
        if (allUnreserved(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (unreserved((char) (octet & 0xff))) {
                out.append((char) octet);
            } else {
                out.append('%').append(DIGITS.charAt(octet >> 4 & 15)).append(DIGITS.charAt(octet & 15));
            }
        }
        return out.toString();
    }

    private static boolean allUnreserved(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!unreserved(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean unreserved(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~';
    }
}
