package trefoil.cli.command;

import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.cli.syntax.Manual;

/** {@code trefoil pause}. */
public final class PauseCommand extends StateCommand {
    @Override
    protected Manual manual() {
        return new Manual(
                """
                Freezes servers: their processes stand still and keep their memory.
                """,
                """
                trefoil pause web1
                """);
    }

    @Override
    StateChange change() {
        return new StateChange("pause", null, null);
    }

    @Override
    boolean concerns(ServerStatus status) {
        return status == ServerStatus.RUNNING;
    }

    @Override
    String done() {
        return "paused";
    }
}
