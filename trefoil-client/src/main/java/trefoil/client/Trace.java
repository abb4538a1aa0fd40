package trefoil.client;

/** Told of every exchange, for {@code --debug}. */
@FunctionalInterface
public interface Trace {
    /** Tells nobody. */
    Trace NONE = (method, target, status) -> {};

    /** A request was answered. */
    void answered(String method, String target, int status);
}
