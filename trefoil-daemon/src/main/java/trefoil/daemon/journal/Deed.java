package trefoil.daemon.journal;

import java.util.List;
import trefoil.daemon.database.Kept;
import trefoil.daemon.database.NetworkRecord;
import trefoil.daemon.database.ServerRecord;

/** One thing that a change does to the host, as it is written down before it is done. */
public sealed interface Deed {
    /** Makes a server's files. */
    record Files(ServerRecord server) implements Deed {}

    /** Makes a server's files and starts it: {@link Files} and {@link Run} in one. */
    record Launch(ServerRecord server) implements Deed {}

    /** Starts a server: its processes, mounts, cgroup, and its place on the network. */
    record Run(ServerRecord server) implements Deed {}

    /** Moves a stopped server's directory to that of another name. */
    record Move(ServerRecord server, String to) implements Deed {}

    /** Makes a network on the host. */
    record Bridge(NetworkRecord network) implements Deed {}

    /** Deletes a server. Carried out, not taken back. */
    record Delete(ServerRecord server) implements Deed {}

    /** Deletes a network. Carried out, not taken back. */
    record Unbridge(NetworkRecord network) implements Deed {}

    /** Its word in the journal. */
    default String word() {
        return switch (this) {
            case Files f -> "files";
            case Launch l -> "launch";
            case Run r -> "run";
            case Move m -> "move";
            case Bridge b -> "bridge";
            case Delete d -> "delete";
            case Unbridge u -> "unbridge";
        };
    }

    /** The servers and networks that it is about. */
    default List<String> subjects() {
        return switch (this) {
            case Files f -> List.of("server " + f.server().name());
            case Launch l -> List.of("server " + l.server().name());
            case Run r -> List.of("server " + r.server().name());
            case Move m -> List.of("server " + m.server().name(), "server " + m.to());
            case Bridge b -> List.of("network " + b.network().name());
            case Delete d -> List.of("server " + d.server().name());
            case Unbridge u -> List.of("network " + u.network().name());
        };
    }

    /** Its data in the journal. */
    default String data() {
        return switch (this) {
            case Files f -> Kept.json(f.server());
            case Launch l -> Kept.json(l.server());
            case Run r -> Kept.json(r.server());
            case Move m -> m.to() + " " + Kept.json(m.server());
            case Bridge b -> Kept.json(b.network());
            case Delete d -> Kept.json(d.server());
            case Unbridge u -> Kept.json(u.network());
        };
    }

    /** The deed that was written down so. */
    static Deed read(String word, String data) {
        return switch (word) {
            case "files" -> new Files(Kept.server(data));
            case "launch" -> new Launch(Kept.server(data));
            case "run" -> new Run(Kept.server(data));
            case "move" -> {
                int space = data.indexOf(' ');
                yield new Move(Kept.server(data.substring(space + 1)), data.substring(0, space));
            }
            case "bridge" -> new Bridge(Kept.network(data));
            case "delete" -> new Delete(Kept.server(data));
            case "unbridge" -> new Unbridge(Kept.network(data));
            default -> throw new IllegalStateException("the journal holds a deed that this daemon does not know: " + word);
        };
    }
}
