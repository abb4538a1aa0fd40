package trefoil.cli.command;

import java.io.IOException;
import java.time.Duration;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Operation;
import trefoil.api.Progress;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.cli.output.Instants;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Value;
import trefoil.cli.value.UsageException;

/** {@code trefoil launch}. */
public final class LaunchCommand extends ServerOptions {
    private final Value wait = value("--wait", "HOW", "How far to wait: none, ip (it has an address) or usable (it has booted); usable where not set.");

    private final Value timeout = value("--timeout", "SECONDS", "Longest wait; the launch itself goes on behind it.");

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Makes a server from an image, starts it and waits until it can be used.

                Behind -- stands what runs as process 1 instead of the image's own init.
                """,
                """
                trefoil launch debian:12 web1 --memory 1GiB --cpus 2 -p 8080:80
                trefoil launch busybox once --ephemeral --wait none -- sh -c 'echo hi'
                """);
    }

    @Override
    protected int run() throws IOException {
        String until = wait.text("usable");
        if (!until.equals("none") && !until.equals("ip") && !until.equals("usable")) {
            throw new UsageException("\"" + until + "\" is no --wait; there are none, ip and usable", null);
        }
        Integer seconds = timeout.number(1);
        ServerConfig config = config();
        Operation begun = session().daemon().create(config, true, until);
        Duration limit = seconds == null ? null : Duration.ofSeconds(seconds);
        Operation ended = new OperationWatch(session(), config.name()).await(begun, limit);
        if (!ended.done()) {
            throw notInTime(config.name(), ended, seconds);
        }
        report(config);
        return 0;
    }

    private ApiException notInTime(String name, Operation operation, int seconds) throws IOException {
        Server server = null;
        try {
            server = session().daemon().server(name);
        } catch (ApiException e) {
            if (e.error().status() != ErrorCode.NOT_FOUND.httpStatus()) {
                throw e;
            }
        }
        if (server == null) {
            Progress at = operation.progress();
            String where = at == null ? "" : ", now at: " + at.phase() + (at.total() > 0 ? " (" + at.done() + " of " + at.total() + " " + at.unit() + ")" : "");
            return new ApiException(
                    ErrorCode.TIMEOUT, name + " is not there after " + seconds + " s; its launch goes on in the daemon" + where,
                    "wait for it with: trefoil query /1.0/operations/" + operation.id() + "/wait");
        }
        String lacking = server.lacking() == null || server.lacking().isEmpty() ? "it is " + server.status() : server.lacking();
        return new ApiException(
                ErrorCode.TIMEOUT, name + " is not ready after " + seconds + " s: " + lacking + ". Its launch goes on in the daemon",
                "trefoil info " + name + ", trefoil console " + name + ", trefoil logs " + name + "; or trefoil delete --force " + name);
    }

    private void report(ServerConfig config) throws IOException {
        if (Boolean.TRUE.equals(config.ephemeral())) {
            // It may have ended and gone by now.
            session().say(config.name() + " was launched");
            return;
        }
        Server server = session().daemon().server(config.name());
        String address = server.addresses() == null || server.addresses().isEmpty() ? "" : " at " + server.addresses().getFirst();
        if (server.status() != ServerStatus.RUNNING) {
            session().say(server.name() + " is " + server.status());
        } else if (server.usable()) {
            String after = server.usableAfterMillis() == null ? "" : ", after " + Instants.span(server.usableAfterMillis());
            session().say(server.name() + " is usable" + address + after);
        } else {
            session().say(server.name() + " is running" + address);
        }
    }
}
