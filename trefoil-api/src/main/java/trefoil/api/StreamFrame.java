package trefoil.api;

/**
 * The binary WebSocket messages of {@code exec} and {@code console}: one byte that names the channel, then its data.
 * An empty {@link #STDIN} frame closes standard input. {@link #CONTROL} carries JSON of a {@link StreamControl}.
 */
public final class StreamFrame {
    /** To the server: standard input or the terminal. */
    public static final byte STDIN = 0;
    /** From the server: standard output or the terminal. */
    public static final byte STDOUT = 1;
    /** From the server: standard error. */
    public static final byte STDERR = 2;
    /** Either way: resize, signal, exit status, error. */
    public static final byte CONTROL = 3;

    private StreamFrame() {}
}
