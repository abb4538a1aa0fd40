package trefoil.api;

/** JSON as ASCII: fit for a header, and for {@link Envelope#metadata}, whose adapter garbles other characters of raw JSON. */
public final class JsonText {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private JsonText() {}

    /** The same JSON with every character beyond ASCII escaped (RFC 8259, section 7): such stand in strings only. */
    public static String ascii(String json) {
        int plain = 0;
        while (plain < json.length() && json.charAt(plain) < 0x7f) {
            plain++;
        }
        if (plain == json.length()) {
            return json;
        }
        StringBuilder out = new StringBuilder(json.length() + 64).append(json, 0, plain);
        for (int i = plain; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x7f) {
                out.append(c);
            } else {
                out.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 15]).append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
            }
        }
        return out.toString();
    }
}
