package trefoil.client;

/**
 * A resource with the entity tag (RFC 9110, section 8.8.3) of the state it was read in.
 *
 * @param tag {@code null} where the daemon sent none
 */
public record Tagged<T>(T value, String tag) {}
