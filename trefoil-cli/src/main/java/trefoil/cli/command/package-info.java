/**
 * One class per command. Its options and parameters are fields that picocli fills; its {@code run} does the work with the
 * {@link trefoil.cli.session.Session}. {@link trefoil.cli.command.Information} and {@link trefoil.cli.command.Version} are plain
 * code because they are also reached without picocli.
 *
 * <p>Read {@link trefoil.cli.command.Subcommand} first, then {@link trefoil.cli.command.LaunchCommand}.
 */
package trefoil.cli.command;
