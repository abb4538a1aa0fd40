package trefoil.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import trefoil.api.JsonTypes;
import trefoil.api.JsonValue;
import trefoil.api.Operation;
import trefoil.api.Server;
import trefoil.api.StreamControl;
import trefoil.api.Usage;
import trefoil.cli.command.Information;
import trefoil.cli.output.Filter;
import trefoil.cli.output.Format;
import trefoil.cli.output.Listing;
import trefoil.cli.output.ServerColumns;
import trefoil.cli.session.Session;
import trefoil.client.EventStream;
import trefoil.client.TrefoilClient;

/**
 * {@code trefoil __train}: runs commands with their output thrown away, so that one run of the virtual machine loads the classes
 * that its start-up cache is to hold (JEP 514). The launcher calls it once per build, with a daemon of its own, which has small
 * servers, adopted0 and on, that a command can be executed in. A command that fails for want of a server has been read and sent by
 * then; what the daemon would have answered is read from samples.
 */
final class Training {
    private static final List<String> COMMANDS = List.of(
            "list",
            "list -f json status=running",
            "list -f csv -c +ports,memory name=a*",
            "info",
            "info -f json",
            "info absent",
            "version",
            "exec -n absent -- true",
            "exec adopted0 -- /bin/echo hi",
            "start absent",
            "stop --timeout 1 absent",
            "restart absent",
            "delete --force absent",
            "logs -n 3 absent",
            "set absent memory=1GiB",
            "image list",
            "image show absent",
            "network list -f yaml",
            "launch --help",
            "lsit",
            "completion bash");

    private static final String SERVER =
            """
            {"name":"a","kind":"os","status":"running","usable":true,"image":"busybox","fingerprint":"ab","os":"BusyBox",
             "addresses":["10.0.0.2","fd00::2"],"pid":2,"created":1,"started":2,"usableAfterMillis":3,"config":{"name":"a",
             "image":"busybox","kind":"os","limits":{"memoryCap":1048576,"cpuCap":1.5},"network":"default","ports":[{"protocol":"tcp",
             "hostPort":8080,"serverPort":80}],"command":[],"environment":{},"autostart":false,"restart":"on-failure"}}
            """;

    private static final String USAGE = "{\"name\":\"a\",\"memory\":1,\"pressure\":{\"cpu\":0.5}}";

    private static final String OPERATION =
            """
            {"id":"a","description":"launch","status":"running","resources":["/1.0/servers/a"],"created":1,"ended":2,
             "progress":{"phase":"start","done":1,"total":2,"unit":"bytes"},"metadata":{"name":"a"}}
            """;

    private static final String EXIT = "{\"type\":\"exit\",\"exitStatus\":0}";

    private Training() {}

    /** Runs them all. */
    static int run(Session session) throws IOException {
        for (String command : COMMANDS) {
            silently(session, command);
        }
        readSamples();
        try (TrefoilClient daemon = session.unstartedDaemon();
                EventStream events = daemon.events(null)) {
            session.say("trained, with " + events);
        }
        return 0;
    }

    private static void readSamples() {
        PrintStream nowhere = nowhere();
        JsonValue rows = JsonValue.of("[" + (SERVER + ",").repeat(99) + SERVER + "]");
        for (Format format : Format.values()) {
            new Listing(new Filter(new ServerColumns(), List.of("a*")).apply(rows.elements()), new ServerColumns()).print(nowhere, format, null);
        }
        nowhere.print(Information.of(JsonTypes.lenient(Server.class).fromJson(SERVER), JsonTypes.lenient(Usage.class).fromJson(USAGE)));
        nowhere.print(JsonTypes.lenient(Operation.class).fromJson(OPERATION));
        nowhere.print(JsonTypes.lenient(StreamControl.class).fromJson(EXIT));
        nowhere.print(JsonTypes.of(StreamControl.class).toJson(new StreamControl("resize", 80, 25, null, null, null)));
    }

    private static PrintStream nowhere() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }

    private static void silently(Session session, String command) {
        PrintStream nowhere = nowhere();
        Main.run(new Session(InputStream.nullInputStream(), nowhere, nowhere, session.environment(), session.terminals()), command.split(" "));
    }
}
