package trefoil.cli.command;

import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;

/** {@code trefoil restart}. */
public final class RestartCommand extends StateCommand {
    private final Flag force = flag("--force", "At once, without asking the server.");

    private final Value timeout = value("--timeout", "SECONDS", "Time that the server is given to shut down; 30 where not set.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shuts servers down and starts them again.
                """,
                """
                trefoil restart web1
                trefoil restart --force web1
                """);
    }

    @Override
    StateChange change() {
        return new StateChange("restart", force.orNull(), timeout.number(0));
    }

    @Override
    boolean concerns(ServerStatus status) {
        return status == ServerStatus.RUNNING || status == ServerStatus.PAUSED;
    }

    @Override
    String done() {
        return "restarted";
    }
}
