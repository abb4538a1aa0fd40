/**
 * The {@code trefoil} command.
 *
 * <p>{@link trefoil.cli.Main} looks at the first word, {@link trefoil.cli.Dispatch} finds it in the catalogue, and the one
 * class of {@link trefoil.cli.command} that does it is built, no other; {@link trefoil.cli.syntax} reads its options. Everything a
 * command needs from outside is in its {@link trefoil.cli.session.Session}, so that tests run commands in their own process against
 * a daemon of theirs.
 *
 * <p>A command lives for a tenth of a second, most of it the virtual machine's start. What it runs through is therefore code that
 * the start-up cache can hold (see {@link trefoil.cli.Training}): no reflection, no regular expressions, no switches over types of
 * records, whose code is made at run time.
 */
package trefoil.cli;
