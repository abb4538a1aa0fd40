package trefoil.image.oci;

import io.avaje.json.JsonDataException;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import trefoil.image.ImageException;
import trefoil.image.unpack.Refusal;
import trefoil.linux.unpack.At;

/**
 * A JSON object of an image, read with suspicion: at most 4 MiB and 64 levels, members of the wrong type are refused by
 * name. A member that is absent or {@code null} gives an empty value.
 */
final class Document {
    /** Docker and containerd take manifests up to 4 MiB too. */
    static final int SIZE_LIMIT = 4 << 20;

    private static final int DEPTH_LIMIT = 64;
    private static final Jsonb JSONB = Jsonb.builder().build();

    private final Map<?, ?> members;
    private final String where;

    private Document(Map<?, ?> members, String where) {
        this.members = members;
        this.where = where;
    }

    /** Parses an object. {@code where} names it in messages. */
    static Document parse(byte[] json, String where) throws ImageException {
        if (value(json, where) instanceof Map<?, ?> members) {
            return new Document(members, where);
        }
        throw Refusal.bad(where + " is no JSON object");
    }

    /** Parses an array of objects. */
    static List<Document> parseList(byte[] json, String where) throws ImageException {
        if (value(json, where) instanceof List<?> list) {
            return documents(list, where);
        }
        throw Refusal.bad(where + " is no JSON array");
    }

    private static Object value(byte[] json, String where) throws ImageException {
        if (json.length > SIZE_LIMIT) {
            throw Refusal.bad(where + " has " + json.length + " bytes; Trefoil reads up to " + SIZE_LIMIT);
        }
        refuseDeep(json, where);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            return JSONB.type(Object.class).fromJson(text);
        } catch (CharacterCodingException e) {
            throw Refusal.bad(where + " is not in UTF-8");
        } catch (JsonDataException | IllegalStateException | NumberFormatException e) {
            throw malformed(where, e);
        } catch (JsonException e) {
            throw malformed(where, e);
        }
    }

    private static ImageException malformed(String where, RuntimeException e) {
        String words = At.readable(At.raw(String.valueOf(e.getMessage())));
        return new ImageException(ImageException.Reason.BAD_IMAGE, where + " is malformed JSON: " + words, null, e);
    }

    /** Counts brackets outside of strings, before a parser recurses into them. */
    private static void refuseDeep(byte[] json, String where) throws ImageException {
        int depth = 0;
        boolean inString = false;
        for (int i = 0; i < json.length; i++) {
            byte b = json[i];
            if (inString) {
                if (b == '\\') {
                    i++;
                } else {
                    inString = b != '"';
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                if (++depth > DEPTH_LIMIT) {
                    throw Refusal.bad(where + " is nested deeper than " + DEPTH_LIMIT + " levels");
                }
            } else if (b == '}' || b == ']') {
                depth--;
            }
        }
    }

    String where() {
        return where;
    }

    boolean has(String member) {
        return members.get(member) != null;
    }

    /** A string; empty when absent. */
    String text(String member) throws ImageException {
        Object value = members.get(member);
        return switch (value) {
            case null -> "";
            case String s -> s;
            default -> throw wrong(member, "a string");
        };
    }

    /** A whole number from 0 to 2^53; refused when absent. */
    long number(String member) throws ImageException {
        if (members.get(member) instanceof Number n && n.doubleValue() == Math.rint(n.doubleValue())
                && n.doubleValue() >= 0 && n.doubleValue() <= 1L << 53) {
            return n.longValue();
        }
        throw wrong(member, "a whole number from 0 to 2^53");
    }

    /** An object; an empty one when absent. */
    Document object(String member) throws ImageException {
        Object value = members.get(member);
        return switch (value) {
            case null -> new Document(Map.of(), where + "." + member);
            case Map<?, ?> m -> new Document(m, where + "." + member);
            default -> throw wrong(member, "an object");
        };
    }

    /** Objects; none when absent. */
    List<Document> objects(String member) throws ImageException {
        return documents(list(member), where + "." + member);
    }

    /** Strings; none when absent. */
    List<String> texts(String member) throws ImageException {
        List<String> texts = new ArrayList<>();
        for (Object o : list(member)) {
            if (!(o instanceof String s)) {
                throw wrong(member, "an array of strings");
            }
            texts.add(s);
        }
        return texts;
    }

    /** The members that are strings, in order. */
    Map<String, String> textMembers() {
        Map<String, String> texts = new LinkedHashMap<>();
        members.forEach((key, value) -> {
            if (value instanceof String s) {
                texts.put(String.valueOf(key), s);
            }
        });
        return texts;
    }

    private List<?> list(String member) throws ImageException {
        Object value = members.get(member);
        return switch (value) {
            case null -> List.of();
            case List<?> l -> l;
            default -> throw wrong(member, "an array");
        };
    }

    private static List<Document> documents(List<?> list, String where) throws ImageException {
        List<Document> documents = new ArrayList<>();
        for (Object o : list) {
            if (!(o instanceof Map<?, ?> m)) {
                throw Refusal.bad(where + " holds something other than objects");
            }
            documents.add(new Document(m, where + "[" + documents.size() + "]"));
        }
        return documents;
    }

    private ImageException wrong(String member, String expected) {
        return Refusal.bad(where + "." + member + " is not " + expected);
    }
}
