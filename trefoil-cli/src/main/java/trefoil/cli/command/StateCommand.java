package trefoil.cli.command;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import trefoil.api.Operation;
import trefoil.api.Server;
import trefoil.api.ServerStatus;
import trefoil.api.StateChange;
import trefoil.cli.syntax.Flag;
import trefoil.cli.value.UsageException;

/** A command that changes the state of servers. */
abstract class StateCommand extends ManyServers {
    private final Flag all = flag("--all", "All servers in a state that this command is for.");

    /** The change that is asked for. */
    abstract StateChange change();

    /** Whether {@code --all} means a server in this state. */
    abstract boolean concerns(ServerStatus status);

    @Override
    final Operation begin(String name) throws IOException {
        return session().daemon().changeState(name, change());
    }

    @Override
    final Set<String> servers() throws IOException {
        if (!all.isSet()) {
            return super.servers();
        }
        if (named()) {
            throw new UsageException("--all and names exclude each other", null);
        }
        Set<String> names = new LinkedHashSet<>();
        for (Server server : session().daemon().servers()) {
            if (concerns(server.status())) {
                names.add(server.name());
            }
        }
        return names;
    }
}
