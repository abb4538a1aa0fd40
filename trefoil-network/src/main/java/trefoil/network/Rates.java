package trefoil.network;

/** Most bits per second to ({@code receive}) and from ({@code transmit}) a server; {@code null} for no limit. */
public record Rates(Long receive, Long transmit) {
    /** No limit. */
    public static final Rates NONE = new Rates(null, null);
}
