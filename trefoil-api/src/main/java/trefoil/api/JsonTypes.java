package trefoil.api;

import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.util.List;

/** The one {@link Jsonb} of this API. Thread-safe. Unknown members of a request are an error, so that a misspelt limit is not silently dropped. */
public final class JsonTypes {
    private static final Jsonb JSONB =
            Jsonb.builder().failOnUnknown(true).serializeNulls(false).build();
    /** For what a newer daemon may send to an older client. */
    private static final Jsonb LENIENT = Jsonb.builder().serializeNulls(false).build();

    private JsonTypes() {}

    /** JSON of a record of this package, strict about unknown members. */
    public static <T> JsonType<T> of(Class<T> type) {
        return JSONB.type(type);
    }

    /** JSON of a record of this package, lenient about unknown members. */
    public static <T> JsonType<T> lenient(Class<T> type) {
        return LENIENT.type(type);
    }

    /** JSON of a list of records of this package, lenient about unknown members. */
    public static <T> JsonType<List<T>> listOf(Class<T> type) {
        return LENIENT.type(type).list();
    }
}
