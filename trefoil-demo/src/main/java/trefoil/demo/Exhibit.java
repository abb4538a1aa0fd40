package trefoil.demo;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import trefoil.api.Limits;
import trefoil.api.Server;
import trefoil.api.ServerConfig;
import trefoil.api.ServerKind;

/**
 * A server that the demo shows.
 *
 * @param name its name, unless a server of the user has it
 * @param image what it is made from
 * @param kind what kind of server it is
 * @param memoryCap most bytes it may hold; of a machine, its RAM
 */
record Exhibit(String name, String image, ServerKind kind, long memoryCap) {
    /** Description that tells the demo's servers from the user's. */
    static final String DESCRIPTION = "made by trefoil demo";

    private static final long MIB = 1 << 20;

    /** What is shown. */
    static final List<Exhibit> ALL =
            List.of(
                    new Exhibit("web1", "debian:12", ServerKind.OS, 1024 * MIB),
                    new Exhibit("tiny1", "busybox", ServerKind.OS, 64 * MIB),
                    new Exhibit("db1", "debian:12", ServerKind.PARA, 512 * MIB),
                    new Exhibit("tiny2", "busybox", ServerKind.PARA, 128 * MIB));

    static boolean isDemos(Server server) {
        return server.config() != null && DESCRIPTION.equals(server.config().description());
    }

    /** The server of an earlier run of the demo that shows this. */
    Optional<Server> among(List<Server> servers) {
        return servers.stream()
                .filter(Exhibit::isDemos)
                .filter(server -> image.equals(server.config().image()) && kind == server.kind())
                .findFirst();
    }

    /** Its configuration, under a name that is not taken. */
    ServerConfig config(List<Server> servers) {
        Map<String, Server> taken = new TreeMap<>();
        servers.forEach(server -> taken.put(server.name(), server));
        String free = name;
        for (int i = 1; taken.containsKey(free); i++) {
            free = "demo" + i + "-" + name;
        }
        Limits limits = new Limits(null, null, null, memoryCap, null, null, null, null, null, null, null);
        return new ServerConfig(free, image, kind, limits, null, null, null, null, null, null, null, null, DESCRIPTION);
    }
}
