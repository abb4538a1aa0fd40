package trefoil.daemon.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;

/** One request, as its endpoint sees it. */
public final class Call {
    /** Largest JSON body. */
    private static final int LARGEST_JSON = 1 << 20;

    private final Request request;
    private final Map<String, String> parameters;
    private final Fields query;

    Call(Request request, Map<String, String> parameters) {
        this.request = request;
        this.parameters = parameters;
        this.query = Request.extractQueryParameters(request, StandardCharsets.UTF_8);
    }

    /** A part of the path, decoded: that which the route's template names so. */
    public String path(String name) {
        return parameters.get(name);
    }

    /** A query parameter; {@code null} when it is not there. */
    public String query(String name) {
        return query.getValue(name);
    }

    /** A query parameter that must be there. */
    public String required(String name) {
        String value = query(name);
        if (value == null || value.isEmpty()) {
            throw bad("the query parameter '" + name + "' is missing");
        }
        return value;
    }

    /** A query parameter that is {@code true} or {@code false}; false when it is not there. */
    public boolean flag(String name) {
        return switch (query(name)) {
            case null -> false;
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default -> throw bad("the query parameter '" + name + "' is neither true nor false");
        };
    }

    /** A query parameter that is one of some words. */
    public String word(String name, String otherwise, Set<String> words) {
        String value = query(name);
        if (value == null) {
            return otherwise;
        }
        if (!words.contains(value)) {
            throw bad("the query parameter '" + name + "' is '" + value + "'; it can be "
                    + String.join(", ", words.stream().sorted().toList()));
        }
        return value;
    }

    /** A query parameter that is a whole number within bounds. */
    public long number(String name, long otherwise, long least, long most) {
        String value = query(name);
        if (value == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, with the name
        }
        throw bad("the query parameter '" + name + "' is '" + value + "', not a whole number from " + least + " to " + most);
    }

    /** A header; {@code null} when it is not there. */
    public String header(String name) {
        return request.getHeaders().get(name);
    }

    /** Refuses the call when {@code If-Match} is there and names another state. */
    public void matches(String etag) {
        String wanted = header("If-Match");
        if (wanted == null || wanted.strip().equals("*")) {
            return;
        }
        for (String one : wanted.split(",")) {
            if (one.strip().equals('"' + etag + '"')) {
                return;
            }
        }
        throw new ApiException(
                ErrorCode.PRECONDITION_FAILED,
                "it was changed since you read it: its ETag is \"" + etag + "\", If-Match says " + wanted,
                "read it again and repeat the change");
    }

    /** The body, a record of the API. Unknown members, wrong types and malformed JSON are refused. */
    public <T> T body(Class<T> type) throws IOException {
        String text = text(type);
        if (text.isBlank()) {
            throw badBody("the body is empty; a JSON object of " + type.getSimpleName() + " is expected", type);
        }
        return parsed("the body", text, type);
    }

    /** A header that is a record of the API in JSON, its characters beyond ASCII escaped. Refused as a body is, or when it is not there. */
    public <T> T headerRecord(String name, Class<T> type) {
        List<String> values = request.getHeaders().getValuesList(name);
        if (values.size() != 1 || values.getFirst().isBlank()) {
            throw badBody("the header " + name + (values.size() > 1 ? " is there twice" : " is missing")
                    + "; a JSON object of " + type.getSimpleName() + " is expected", type);
        }
        String text = values.getFirst();
        if (!text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw badBody("the header " + name + " is not ASCII: other characters are escaped as JSON escapes them", type);
        }
        return parsed("the header " + name, text, type);
    }

    private static <T> T parsed(String what, String text, Class<T> type) {
        try {
            return RecordReader.read(text, type);
        } catch (RecordReader.Fault e) {
            throw badBody(what + " is not a valid " + type.getSimpleName() + ": " + e.getMessage(), type);
        }
    }

    private String text(Class<?> type) throws IOException {
        if (request.getLength() > LARGEST_JSON) {
            throw tooLarge();
        }
        byte[] octets;
        try (InputStream in = body()) {
            octets = in.readNBytes(LARGEST_JSON + 1);
        }
        if (octets.length > LARGEST_JSON) {
            throw tooLarge();
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            throw badBody("the body is not UTF-8", type);
        }
    }

    private static ApiException tooLarge() {
        return new ApiException(
                ErrorCode.TOO_LARGE, "the body is larger than " + LARGEST_JSON + " octets of JSON", null);
    }

    /** The body as octets. */
    public InputStream body() {
        return Content.Source.asInputStream(request);
    }

    /** Octets that the body will have; −1 when it does not say. */
    public long length() {
        return request.getLength();
    }

    private static ApiException badBody(String message, Class<?> type) {
        return new ApiException(ErrorCode.BAD_REQUEST, message, "send what openapi.yaml describes under " + type.getSimpleName());
    }

    private static ApiException bad(String message) {
        return new ApiException(ErrorCode.BAD_REQUEST, message, null);
    }
}
