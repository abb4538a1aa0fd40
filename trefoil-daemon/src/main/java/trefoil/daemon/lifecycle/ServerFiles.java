package trefoil.daemon.lifecycle;

import java.io.IOException;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.container.Container;
import trefoil.container.ContainerFiles;
import trefoil.daemon.database.ServerRecord;
import trefoil.daemon.machine.GuestContainer;

/** The files of servers, running or not. Thread-safe. */
public final class ServerFiles {
    private final Facilities f;
    private final Starter starter;

    ServerFiles(Facilities facilities, Starter starter) {
        this.f = facilities;
        this.starter = starter;
    }

    /** What is done with a server's files. */
    @FunctionalInterface
    public interface Work<T> {
        /** Does it; the files are closed afterwards. */
        T on(ContainerFiles files) throws IOException;
    }

    /**
     * Works on a server's files. A stopped one is neither started, changed nor deleted meanwhile; whoever wants to is told so after
     * {@link Turn#PATIENCE_MILLIS}.
     */
    public <T> T with(String name, Work<T> work) throws IOException, InterruptedException {
        ServerEntry entry = f.registry().find(name);
        Run run = entry.run();
        Container container = run == null || run.over() ? null : run.container();
        if (container != null) {
            try (ContainerFiles files = container.files()) {
                return work.on(files);
            }
        }
        try (Turn.Hold _ = entry.turn().take(name, "access to its files", Turn.PATIENCE_MILLIS);
                ContainerFiles files = stopped(name, entry)) {
            return work.on(files);
        }
    }

    private ContainerFiles stopped(String name, ServerEntry entry) throws IOException {
        ServerRecord record = f.registry().find(name).record();
        if (entry.doomed()) {
            throw new ApiException(ErrorCode.CONFLICT, "server " + name + " is half deleted", "trefoil delete " + name);
        }
        if (record.alive()) {
            throw new ApiException(ErrorCode.CONFLICT, "server " + name + " has just been started, or has just ended", "try again");
        }
        if (Machines.is(record)) {
            throw GuestContainer.filesRefused(name);
        }
        return f.engine().get().files(Specs.of(record, starter.image(record), f.servers(), f.ledger()));
    }
}
