package trefoil.cli.command;

import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.value.UsageException;

/** {@code trefoil completion}. */
public final class CompletionCommand extends Subcommand {
    private final Operand shell = operand("SHELL", "bash, zsh or fish.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Prints a completion script.

                The script knows every command and option by itself and asks the daemon's socket, through curl, for the names of servers, images and networks: no key press starts a virtual machine or a daemon.
                """,
                """
                source <(trefoil completion bash)
                trefoil completion zsh >/usr/local/share/zsh/site-functions/_trefoil
                trefoil completion fish >~/.config/fish/completions/trefoil.fish
                """);
    }

    @Override
    protected int run() {
        CompletionScript script = new CompletionScript();
        session().out().print(switch (shell.text()) {
            case "bash" -> script.bash();
            case "zsh" -> script.zsh();
            case "fish" -> script.fish();
            default -> throw new UsageException("there is no completion for \"" + shell.text() + "\"; there is for bash, zsh and fish", null);
        });
        return 0;
    }
}
