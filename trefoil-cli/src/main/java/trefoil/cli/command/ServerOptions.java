package trefoil.cli.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import trefoil.api.Limits;
import trefoil.api.PortForward;
import trefoil.api.RestartPolicy;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;
import trefoil.cli.value.Environment;
import trefoil.cli.value.Ports;
import trefoil.cli.value.UsageException;
import trefoil.cli.value.Words;

/** The parameters and options that describe a server to be made: those of launch, create and explain. */
abstract class ServerOptions extends Subcommand {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "An image such as debian:12 or busybox, built when it is not there yet.")
    private String image;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "The server's name; one is made up where not given.")
    private String name;

    @Option(names = "--kind", paramLabel = "KIND", description = "os, para, full or auto; auto where not set.")
    private String kind;

    @Mixin
    private LimitOptions limits = new LimitOptions();

    @Option(names = "--network", paramLabel = "NETWORK", description = "The network it is attached to, or none; default where not set.")
    private String network;

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "PORT",
            description = "Forward a port of the host: [ADDRESS:]HOSTPORT:SERVERPORT[/udp], such as 8080:80. May be repeated.")
    private List<String> publish = new ArrayList<>();

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            description = "A variable of process 1's environment; NAME alone passes yours on. May be repeated.")
    private List<String> environment = new ArrayList<>();

    @Option(names = "--restart", paramLabel = "POLICY", description = "When process 1 ends by itself: never, on-failure or always; on-failure where not set.")
    private String restart;

    @Option(names = "--autostart", description = "Start it with the daemon.")
    private boolean autostart;

    @Option(names = "--nesting", description = "Let it run containers of its own.")
    private boolean nesting;

    @Option(names = "--ephemeral", description = "Delete it when it stops.")
    private boolean ephemeral;

    @Option(names = "--description", paramLabel = "TEXT", description = "Free text.")
    private String description;

    @Override
    protected final boolean takesCommand() {
        return true;
    }

    /** What the command line describes. */
    final ServerConfig config() {
        if (hasDashes() && afterDashes().isEmpty()) {
            throw new UsageException("-- is followed by no command", null);
        }
        Limits set = limits.settings().change();
        return new ServerConfig(
                name == null ? madeUpName(image) : name,
                image,
                kind == null ? null : Words.of(ServerKind.class, kind, "kind"),
                set.equals(Limits.NONE) ? null : Limits.NONE.with(set),
                network,
                publish.isEmpty() ? null : ports(publish),
                afterDashes().isEmpty() ? null : afterDashes(),
                environment.isEmpty() ? null : variables(),
                autostart ? true : null,
                restart == null ? null : Words.of(RestartPolicy.class, restart, "restart policy"),
                nesting ? true : null,
                ephemeral ? true : null,
                description);
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        environment.forEach(word -> Environment.put(variables, word, session().environment()));
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
