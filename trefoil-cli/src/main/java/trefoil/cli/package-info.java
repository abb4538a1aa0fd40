/**
 * The {@code trefoil} command.
 *
 * <p>{@link trefoil.cli.Main} looks at the first word. {@code list}, {@code info} and {@code version} are answered at once, by
 * plain code that loads few classes (see {@link trefoil.cli.HotCommands}); for every other word picocli is loaded and the one
 * class of {@link trefoil.cli.command} that does it is built, no other. Everything a command needs from
 * outside is in its {@link trefoil.cli.session.Session}, so that tests run commands in their own process against a daemon of theirs.
 *
 * <p>Conventions: data on standard output; messages, progress and errors on standard error; exit code 0, 1 for a failure,
 * 2 for a wrong command line; {@code exec} answers with the remote status, 125 for a failure of its own.
 */
package trefoil.cli;
