package trefoil.cli.command;

import picocli.CommandLine.Command;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;

/** {@code trefoil start}. */
@Command(sortOptions = false, description = "Starts servers.")
public final class StartCommand extends StateCommand {
    @Override
    StateChange change() {
        return new StateChange("start", null, null);
    }

    @Override
    boolean concerns(ServerStatus status) {
        return status == ServerStatus.STOPPED || status == ServerStatus.ERROR;
    }

    @Override
    String done() {
        return "started";
    }
}
