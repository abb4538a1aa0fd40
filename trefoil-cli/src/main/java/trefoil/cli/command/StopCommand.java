package trefoil.cli.command;

import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;

/** {@code trefoil stop}. */
public final class StopCommand extends StateCommand {
    private final Flag force = flag("--force", "At once, without asking the server.");

    private final Value timeout = value("--timeout", "SECONDS", "Time that the server is given to shut down; 30 where not set.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Shuts servers down, as their power button would.
                """,
                """
                trefoil stop web1
                trefoil stop --all --timeout 60
                """);
    }

    @Override
    StateChange change() {
        return new StateChange("stop", force.orNull(), timeout.number(0));
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
