/**
 * Terminals: pseudo-terminals ({@code pty(7)}), their window size and their line discipline, as {@code ioctl_tty(2)}
 * names them. A server's console is the slave of such a pair; Trefoil holds the master.
 */
package trefoil.linux.tty;
