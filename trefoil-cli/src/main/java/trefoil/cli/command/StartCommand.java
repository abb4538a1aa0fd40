package trefoil.cli.command;

import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.cli.syntax.Manual;

/** {@code trefoil start}. */
public final class StartCommand extends StateCommand {
    @Override
    protected Manual manual() {
        return new Manual(
                """
                Starts servers.
                """,
                """
                trefoil start web1 db1
                trefoil start --all
                """);
    }

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
