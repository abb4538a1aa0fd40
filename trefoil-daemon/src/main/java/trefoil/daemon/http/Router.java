package trefoil.daemon.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;

/** Finds the route of a request. Immutable. */
public final class Router {
    /** A route and the varying parts of the path. */
    record Match(Route route, Map<String, String> parameters) {}

    private final List<Route> routes;

    /** The table of routes. */
    public Router(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    /** All routes. */
    public List<Route> routes() {
        return routes;
    }

    Match match(String method, String rawPath) {
        List<String> segments = segments(rawPath);
        TreeSet<String> allowed = new TreeSet<>();
        String wanted = method.equals("HEAD") ? "GET" : method;
        for (Route route : routes) {
            Map<String, String> parameters = route.match(segments);
            if (parameters != null && route.method().equals(wanted)) {
                return new Match(route, parameters);
            }
            if (parameters != null) {
                allowed.add(route.method());
            }
        }
        if (allowed.isEmpty()) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND, "there is nothing at " + rawPath, "the routes are listed in openapi.yaml");
        }
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        throw new MethodNotAllowed(method, rawPath, String.join(", ", allowed));
    }

    /** A method that a path does not have. */
    static final class MethodNotAllowed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String allowed;

        MethodNotAllowed(String method, String path, String allowed) {
            super(path + " does not take " + method + "; it takes " + allowed);
            this.allowed = allowed;
        }

        String allowed() {
            return allowed;
        }
    }

    private static List<String> segments(String rawPath) {
        String path = rawPath.length() > 1 && rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath;
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(path.startsWith("/") ? 1 : 0).split("/", -1)) {
            segments.add(decode(segment));
        }
        return segments;
    }

    /** Percent-decoding (RFC 3986, section 2.1) of one segment; a plus sign is a plus sign. */
    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        byte[] from = segment.getBytes(StandardCharsets.UTF_8);
        ByteBuffer to = ByteBuffer.allocate(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] != '%') {
                to.put(from[i]);
                continue;
            }
            int high = i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
            int low = i + 2 < from.length ? Character.digit(from[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new ApiException(ErrorCode.BAD_REQUEST, "the path has a malformed percent-encoding", null);
            }
            to.put((byte) (high << 4 | low));
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(to.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "the path is not UTF-8", null);
        }
    }
}
