package trefoil.cli.command;

import picocli.CommandLine.Command;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;

/** {@code trefoil resume}. */
@Command(sortOptions = false, description = "Lets paused servers go on.")
public final class ResumeCommand extends StateCommand {
    @Override
    StateChange change() {
        return new StateChange("resume", null, null);
    }

    @Override
    boolean concerns(ServerStatus status) {
        return status == ServerStatus.PAUSED;
    }

    @Override
    String done() {
        return "resumed";
    }
}
