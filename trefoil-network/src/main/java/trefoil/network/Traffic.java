package trefoil.network;

/** Bytes that a server received and sent since its interface was made. */
public record Traffic(long received, long transmitted) {}
