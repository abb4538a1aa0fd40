package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import trefoil.api.ApiException;
import trefoil.api.Operation;
import trefoil.cli.session.Complaint;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.syntax.Operands;
import trefoil.cli.value.UsageException;

/** A command that does the same with each of several servers: it begins with all, then waits for each, and tells every failure. */
abstract class ManyServers extends Subcommand {
    private final Operands names = operands(0, "NAME", "The servers.");

    /** Begins with one server. */
    abstract Operation begin(String name) throws IOException;

    /** What is said when it is done, such as {@code stopped}. */
    abstract String done();

    /** The servers to do it with; the names that were given. */
    Set<String> servers() throws IOException {
        if (names.all().isEmpty()) {
            throw new UsageException("which server?", "trefoil list");
        }
        return new LinkedHashSet<>(names.all());
    }

    /** Whether names were given. */
    final boolean named() {
        return !names.all().isEmpty();
    }

    @Override
    protected final int run() throws IOException {
        int failures = 0;
        Map<String, Operation> begun = new LinkedHashMap<>();
        for (String name : servers()) {
            try {
                begun.put(name, begin(name));
            } catch (ApiException e) {
                Complaint.of(e).print(session());
                failures++;
            }
        }
        for (Map.Entry<String, Operation> one : begun.entrySet()) {
            try {
                new OperationWatch(session(), one.getKey()).await(one.getValue(), null);
                session().say(one.getKey() + " " + done());
            } catch (ApiException e) {
                Complaint.of(e).print(session());
                failures++;
            }
        }
        return failures == 0 ? 0 : 1;
    }
}
