package trefoil.cli.command;

import picocli.CommandLine.Command;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;

/** {@code trefoil pause}. */
@Command(sortOptions = false, description = "Freezes servers: their processes stand still and keep their memory.")
public final class PauseCommand extends StateCommand {
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
