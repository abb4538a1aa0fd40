package trefoil.cli.command;

import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.Operation;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;
import trefoil.cli.output.Instants;
import trefoil.cli.session.OperationWatch;
import trefoil.cli.value.UsageException;

/** {@code trefoil launch}. */
@Command(
        sortOptions = false,
        customSynopsis = "trefoil launch [OPTIONS] IMAGE [NAME] [-- COMMAND...]",
        description = {
            "Makes a server from an image, starts it and waits until it can be used.",
            "",
            "Behind -- stands what runs as process 1 instead of the image's own init.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  trefoil launch debian:12 web1 --memory 1GiB --cpus 2 -p 8080:80",
            "  trefoil launch busybox once --ephemeral --wait none -- sh -c 'echo hi'"
        })
public final class LaunchCommand extends ServerOptions {
    @Option(names = "--wait", paramLabel = "HOW", description = "How far to wait: none, ip (it has an address) or usable (it has booted); usable where not set.")
    private String wait = "usable";

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Longest wait; the launch itself goes on behind it.")
    private Integer timeout;

    @Override
    protected int run() throws IOException {
        if (!wait.equals("none") && !wait.equals("ip") && !wait.equals("usable")) {
            throw new UsageException("\"" + wait + "\" is no --wait; there are none, ip and usable", null);
        }
        if (timeout != null && timeout < 1) {
            throw new UsageException("--timeout is a number of seconds above 0", null);
        }
        ServerConfig config = config();
        Operation begun = session().daemon().create(config, true, wait);
        Duration limit = timeout == null ? null : Duration.ofSeconds(timeout);
        Operation ended = new OperationWatch(session(), config.name()).await(begun, limit);
        if (!ended.done()) {
            String phase = ended.progress() == null ? "" : ", now " + ended.progress().phase();
            throw new ApiException(
                    ErrorCode.TIMEOUT,
                    config.name() + " is not there after " + timeout + " s; its launch goes on in the daemon" + phase,
                    "trefoil info " + config.name());
        }
        report(config);
        return 0;
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
