package trefoil.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import trefoil.cli.value.UsageException;

/** {@code trefoil completion}. */
@Command(
        sortOptions = false,
        description = {
            "Prints a completion script.",
            "",
            "The script knows every command and option by itself and asks the daemon's socket, through curl, for the names of servers, images"
                    + " and networks: no key press starts a virtual machine or a daemon.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  source <(trefoil completion bash)",
            "  trefoil completion zsh >/usr/local/share/zsh/site-functions/_trefoil",
            "  trefoil completion fish >~/.config/fish/completions/trefoil.fish"
        })
public final class CompletionCommand extends Subcommand {
    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private String shell;

    @Override
    protected int run() {
        CompletionScript script = new CompletionScript();
        session().out().print(switch (shell) {
            case "bash" -> script.bash();
            case "zsh" -> script.zsh();
            case "fish" -> script.fish();
            default -> throw new UsageException("there is no completion for \"" + shell + "\"; there is for bash, zsh and fish", null);
        });
        return 0;
    }
}
