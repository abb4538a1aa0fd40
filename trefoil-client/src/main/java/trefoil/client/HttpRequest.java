package trefoil.client;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import trefoil.api.ExecRequest;

/**
 * One request.
 *
 * @param method such as {@code GET}
 * @param target path and query, percent-encoded
 * @param headers beside {@code Host} and those that frame the body
 * @param body {@code null} for none; read once and not closed
 * @param length octets of the body, or -1 when unknown: it is then sent chunked (RFC 9112, section 7.1)
 */
record HttpRequest(String method, String target, Headers headers, InputStream body, long length) {
    HttpRequest {
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) <= ' ' || target.charAt(i) >= 0x7f) {
                throw new IllegalArgumentException("a request target holds visible ASCII only, percent-encode the rest: " + target);
            }
        }
        if (!target.startsWith("/")) {
            throw new IllegalArgumentException("a request target begins with /: " + target);
        }
    }

    static HttpRequest of(String method, String target) {
        return new HttpRequest(method, target, new Headers(), null, 0);
    }

    static HttpRequest json(String method, String target, String json) {
        byte[] octets = json.getBytes(StandardCharsets.UTF_8);
        Headers headers = new Headers().add("Content-Type", "application/json");
        return new HttpRequest(method, target, headers, new ByteArrayInputStream(octets), octets.length);
    }

    static HttpRequest octets(String method, String target, InputStream body, long length) {
        return new HttpRequest(method, target, new Headers().add("Content-Type", "application/octet-stream"), body, length);
    }

    /**
     * Whether it may be sent twice, because it changes nothing or changes the same thing again (RFC 9110, section 9.2.2) and its body, if any,
     * is not spent. A GET that says what to execute is none of these.
     */
    boolean repeatable() {
        return body == null && (method.equals("GET") || method.equals("HEAD")) && headers.get(ExecRequest.HEADER) == null;
    }

    /** Request line and headers, ending in the empty line. */
    byte[] head() {
        StringBuilder out = new StringBuilder(256);
        out.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: trefoil\r\n");
        headers.writeTo(out);
        if (body != null) {
            if (length >= 0) {
                out.append("Content-Length: ").append(length).append("\r\n");
            } else {
                out.append("Transfer-Encoding: chunked\r\n");
            }
        }
        return out.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
