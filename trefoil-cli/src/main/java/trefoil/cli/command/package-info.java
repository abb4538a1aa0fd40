/**
 * One class per command, or per family of commands that differ in their resource only. Its options and operands are fields that
 * {@link trefoil.cli.syntax} fills; its {@code run} does the work with the {@link trefoil.cli.session.Session}.
 *
 * <p>Read {@link trefoil.cli.command.Subcommand} first, then {@link trefoil.cli.command.LaunchCommand}.
 */
package trefoil.cli.command;

