/**
 * What one run of the command works with: streams, environment, the daemon (started where none runs), and the waiting for
 * operations with progress on standard error, which Ctrl-c cancels.
 */
package trefoil.cli.session;
