package trefoil.cli.command;

import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.cli.syntax.Manual;

/** {@code trefoil resume}. */
public final class ResumeCommand extends StateCommand {
    @Override
    protected Manual manual() {
        return new Manual(
                """
                Lets paused servers go on.
                """,
                """
                trefoil resume --all
                """);
    }

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
