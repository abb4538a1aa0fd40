package trefoil.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;

/** {@code trefoil stop}. */
@Command(sortOptions = false, description = "Shuts servers down, as their power button would.")
public final class StopCommand extends StateCommand {
    @Option(names = "--force", description = "At once, without asking the server.")
    private boolean force;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Time that the server is given to shut down; 30 where not set.")
    private Integer timeout;

    @Override
    StateChange change() {
        return new StateChange("stop", force ? true : null, seconds(timeout));
    }

    @Override
    boolean concerns(ServerStatus status) {
        return status == ServerStatus.RUNNING || status == ServerStatus.PAUSED;
    }

    @Override
    String done() {
        return "stopped";
    }
}
