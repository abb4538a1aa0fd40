package trefoil.cli.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import trefoil.api.Limits;
import trefoil.api.PortForward;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.cli.syntax.Flag;
import trefoil.cli.syntax.Operand;
import trefoil.cli.syntax.Value;
import trefoil.cli.syntax.Values;
import trefoil.cli.value.Environment;
import trefoil.cli.value.Ports;
import trefoil.cli.value.UsageException;
import trefoil.cli.value.Words;

/** The parameters and options that describe a server to be made: those of launch, create and explain. */
abstract class ServerOptions extends Subcommand {
    private final Operand image = operand("IMAGE", "An image such as debian:12 or busybox, built when it is not there yet.");

    private final Operand name = optionalOperand("NAME", "The server's name; one is made up where not given.");

    private final Value kind = value("--kind", "KIND", "os, para, full or auto; auto where not set.");

    private final LimitOptions limits = new LimitOptions(syntax());

    private final Value network = value("--network", "NETWORK", "The network it is attached to, or none; default where not set.");

    private final Values publish = values("-p", "--publish", "PORT", "Forward a port of the host: [ADDRESS:]HOSTPORT:SERVERPORT[/udp], such as 8080:80.");

    private final Values environment = values("-e", "--env", "NAME=VALUE", "A variable of process 1's environment; NAME alone passes yours on.");

    private final Value restart = value("--restart", "POLICY", "When process 1 ends by itself: never, on-failure or always; on-failure where not set.");

    private final Flag autostart = flag("--autostart", "Start it with the daemon.");

    private final Flag nesting = flag("--nesting", "Let it run containers of its own.");

    private final Flag ephemeral = flag("--ephemeral", "Delete it when it stops.");

    private final Value description = value("--description", "TEXT", "Free text.");

    @Override
    protected final boolean takesCommand() {
        return true;
    }

    @Override
    protected final String synopsis() {
        return "IMAGE [NAME] [-- COMMAND...]";
    }

    /** What the command line describes. */
    final ServerConfig config() {
        if (hasDashes() && afterDashes().isEmpty()) {
            throw new UsageException("-- is followed by no command", null);
        }
        Limits set = limits.settings().change();
        return new ServerConfig(
                name.text() == null ? madeUpName(image.text()) : name.text(),
                image.text(),
                kind.text() == null ? null : Words.of(ServerKind.class, kind.text(), "kind"),
                set.equals(Limits.NONE) ? null : Limits.NONE.with(set),
                network.text(),
                publish.all().isEmpty() ? null : ports(publish.all()),
                afterDashes().isEmpty() ? null : afterDashes(),
                environment.all().isEmpty() ? null : variables(),
                autostart.orNull(),
                restart.text() == null ? null : Words.of(RestartPolicy.class, restart.text(), "restart policy"),
                nesting.orNull(),
                ephemeral.orNull(),
                description.text());
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        environment.all().forEach(word -> Environment.put(variables, word, session().environment()));
        return variables;
    }

    static List<PortForward> ports(List<String> words) {
        List<PortForward> ports = new ArrayList<>();
        words.forEach(word -> ports.add(Ports.parse(word)));
        return ports;
    }

    /** Letters of the image, then four random characters: a name nobody has to think of. */
    private static String madeUpName(String image) {
        StringBuilder made = new StringBuilder();
        for (int i = 0; i < image.length() && made.length() < 20; i++) {
            char c = Character.toLowerCase(image.charAt(i));
            if (c >= 'a' && c <= 'z' || !made.isEmpty() && c >= '0' && c <= '9') {
                made.append(c);
            } else if (!made.isEmpty()) {
                break;
            }
        }
        made.append(made.isEmpty() ? "server-" : "-");
        for (int i = 0; i < 4; i++) {
            made.append("bcdfghjkmnpqrstvwxz23456789".charAt(ThreadLocalRandom.current().nextInt(27)));
        }
        return made.toString();
    }
}
