package trefoil.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import trefoil.api.PortForward;
import trefoil.api.RestartPolicy;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.cli.syntax.Manual;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Operands;
import trefoil.cli.value.LimitSettings;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.Ports;
import trefoil.cli.value.UsageException;
import trefoil.cli.value.Words;
import trefoil.client.Tagged;
import trefoil.client.TrefoilClient;

/** {@code trefoil set}. */
public final class SetCommand extends Subcommand {
    private static final List<String> SETTINGS = List.of("autostart", "restart", "description", "ephemeral", "publish");

    private final Operand server = operand("NAME", "The server.");

    private final Operands words = operands(0, "KEY=VALUE", "What changes.");

    private final LimitOptions options = new LimitOptions(syntax());

    private String name;
    private LimitSettings limits;
    private Boolean autostart;
    private RestartPolicy restart;
    private String description;
    private Boolean ephemeral;
    private List<PortForward> ports;
    private final List<PortForward> added = new ArrayList<>();
    private final List<PortForward> removed = new ArrayList<>();
    private boolean any;

    @Override
    protected Manual manual() {
        return new Manual(
                """
                Changes limits and settings of a server, also while it runs.

                Keys: the options below without their dashes, and autostart, restart, description, ephemeral, publish. The value none clears a limit.

                publish=8080:80,8443:443 replaces all ports, publish+=8080:80 adds one, publish-=8080:80 removes one, publish=none removes all.
                """,
                """
                trefoil set web1 memory=1GiB cpus=2
                trefoil set web1 --memory none
                trefoil set web1 publish+=8443:443
                """);
    }

    @Override
    protected int run() throws IOException {
        name = server.text();
        limits = options.settings();
        words.all().forEach(this::read);
        if (!any && limits.isEmpty()) {
            throw new UsageException("nothing to change", "trefoil set " + name + " memory=1GiB");
        }
        TrefoilClient daemon = session().daemon();
        String tag = null;
        if (!added.isEmpty() || !removed.isEmpty()) {
            Tagged<Server> now = daemon.taggedServer(name);
            tag = now.tag();
            ports = changedPorts(now.value().config());
        }
        ServerConfig change = new ServerConfig(
                null, null, null, limits.isEmpty() ? null : limits.change(), null, ports, null, null, autostart, restart, null, ephemeral, description);
        Server changed = daemon.update(name, change, tag);
        session().say(name + " changed" + later(changed));
        return 0;
    }

    private static String later(Server changed) {
        return changed.pending() == null || changed.pending().isEmpty()
                ? ""
                : "; at its next start (trefoil restart " + changed.name() + ") takes effect: " + String.join(", ", changed.pending());
    }

    private void read(String word) {
        int equals = word.indexOf('=');
        if (equals < 1) {
            throw new UsageException("\"" + word + "\" is not KEY=VALUE", "trefoil set --help");
        }
        String key = word.substring(0, equals);
        String value = word.substring(equals + 1);
        switch (key) {
            case "autostart" -> autostart = Words.truth(value);
            case "ephemeral" -> ephemeral = Words.truth(value);
            case "restart" -> restart = Words.of(RestartPolicy.class, value, "restart policy");
            case "description" -> description = value;
            case "publish" -> ports = value.equals("none") ? List.of() : ServerOptions.ports(List.of(value.split(",", -1)));
            case "publish+" -> added.add(Ports.parse(value));
            case "publish-" -> removed.add(Ports.parse(value));
            default -> limit(key, value);
        }
        any = true;
    }

    private void limit(String key, String value) {
        if (!LimitSettings.KEYS.contains(key)) {
            List<String> known = new ArrayList<>(LimitSettings.KEYS);
            known.addAll(SETTINGS);
            String near = Nearest.to(key, known);
            throw new UsageException(
                    "there is no setting \"" + key + "\"" + (near == null ? "" : "; did you mean " + near + "?"), "trefoil set --help");
        }
        limits.set(key, value);
    }

    /** The ports that are there, or those just set, with some added and some removed. */
    private List<PortForward> changedPorts(ServerConfig now) {
        List<PortForward> there = ports != null ? ports : now == null || now.ports() == null ? List.of() : now.ports();
        List<PortForward> changed = new ArrayList<>(there);
        for (PortForward port : removed) {
            if (!changed.remove(port)) {
                throw new UsageException(name + " does not publish " + Ports.show(port), "trefoil info " + name);
            }
        }
        changed.addAll(added);
        return changed;
    }
}
