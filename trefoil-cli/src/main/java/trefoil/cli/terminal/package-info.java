/**
 * The caller's terminal and the streams of {@code exec} and {@code console} between it and a server.
 *
 * <p>{@link trefoil.cli.terminal.RawTerminal} turns off line editing, echo and signal keys with stty(1), and puts back what was
 * there on every way out: the end of a block, an exception, a signal, {@code System.exit}. {@link trefoil.cli.terminal.Relay} moves
 * octets: one thread from standard input to the server, the calling thread the other way, so that neither direction
 * waits for the other. {@link trefoil.cli.terminal.EscapeKeys} finds the way out, Ctrl-a q, in what is typed.
 */
package trefoil.cli.terminal;
