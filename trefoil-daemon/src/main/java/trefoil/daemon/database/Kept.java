package trefoil.daemon.database;

import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.sql.SQLException;
import java.util.List;
import trefoil.api.ServerStatus;
import trefoil.daemon.database.Database.Statements;

/** Reads and writes the tables of servers and networks, within a transaction. */
public final class Kept {
    private static final Jsonb JSON = Jsonb.builder().serializeNulls(false).build();
    /** Characters of a damaged record that are shown: enough to know which it is. */
    private static final int RECORD_SHOWN = 120;

    private Kept() {}

    /** A server's JSON. */
    public static String json(ServerRecord server) {
        return JSON.type(ServerRecord.class).toJson(server);
    }

    /** A network's JSON. */
    public static String json(NetworkRecord network) {
        return JSON.type(NetworkRecord.class).toJson(network);
    }

    /** The server that {@link #json(ServerRecord)} wrote. */
    public static ServerRecord server(String json) {
        ServerRecord server = read(json, ServerRecord.class);
        if (server == null || server.name() == null || server.config() == null || server.config().limits() == null
                || server.fingerprint() == null || server.status() == null) {
            throw damaged(json, null);
        }
        return server;
    }

    /** The network that {@link #json(NetworkRecord)} wrote. */
    public static NetworkRecord network(String json) {
        NetworkRecord network = read(json, NetworkRecord.class);
        if (network == null || network.name() == null) {
            throw damaged(json, null);
        }
        return network;
    }

    private static <T> T read(String json, Class<T> type) {
        try {
            return JSON.type(type).fromJson(json);
        } catch (JsonException | IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
            throw damaged(json, e);
        }
    }

    private static DatabaseException damaged(String json, Exception cause) {
        String why = cause == null ? "it is not whole" : cause.getMessage();
        return new DatabaseException(
                "the database holds a damaged record (" + why + "): " + json.substring(0, Math.min(json.length(), RECORD_SHOWN))
                        + " … Put a copy of the database in its place, or mend or delete that row with sqlite3(1); running servers go on "
                        + "and no server's files are touched",
                false, cause);
    }

    /** Keeps a server, new or changed. */
    public static void save(Statements statements, ServerRecord s) throws SQLException {
        statements.update(
                """
                INSERT INTO servers (name, status, image, fingerprint, id_base, created, started, revision, record)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET status = excluded.status, image = excluded.image,
                  fingerprint = excluded.fingerprint, id_base = excluded.id_base, created = excluded.created,
                  started = excluded.started, revision = excluded.revision, record = excluded.record
                """,
                s.name(), s.status().word(), s.image(), s.fingerprint(), s.idBase(), s.created(), s.started(),
                s.revision(), json(s));
    }

    /** Forgets a server; nothing when it is not there. */
    public static void deleteServer(Statements statements, String name) throws SQLException {
        statements.update("DELETE FROM servers WHERE name = ?", name);
    }

    /** All servers, by name. */
    public static List<ServerRecord> servers(Statements statements) throws SQLException {
        return statements.query("SELECT record FROM servers ORDER BY name", row -> server(row.getString(1)));
    }

    /** Whether a process of any server is to be alive. */
    public static boolean anyAlive(Statements statements) throws SQLException {
        String query = "SELECT 1 FROM servers WHERE status IN (?, ?) LIMIT 1";
        return !statements.query(query, row -> 1, ServerStatus.RUNNING.word(), ServerStatus.PAUSED.word()).isEmpty();
    }

    /** Keeps a network, new or changed. */
    public static void save(Statements statements, NetworkRecord n) throws SQLException {
        statements.update(
                "INSERT OR REPLACE INTO networks (name, bridge, ipv4, ipv6, nat, domain, description) VALUES (?, ?, ?, ?, ?, ?, ?)",
                n.name(), n.bridge(), n.ipv4(), n.ipv6(), n.nat() ? 1 : 0, n.domain(), n.description());
    }

    /** Forgets a network; nothing when it is not there. */
    public static void deleteNetwork(Statements statements, String name) throws SQLException {
        statements.update("DELETE FROM networks WHERE name = ?", name);
    }

    /** All networks, by name. */
    public static List<NetworkRecord> networks(Statements statements) throws SQLException {
        return statements.query(
                "SELECT name, bridge, ipv4, ipv6, nat, domain, description FROM networks ORDER BY name",
                row -> new NetworkRecord(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getInt(5) != 0,
                        row.getString(6), row.getString(7)));
    }

    /** Sets a fact of the daemon's own, such as the boot that it last ran in. */
    public static void fact(Statements statements, String name, String value) throws SQLException {
        statements.update("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value);
    }

    /** A fact of the daemon's own; {@code null} when it was never set. */
    public static String fact(Statements statements, String name) throws SQLException {
        List<String> values =
                statements.query("SELECT value FROM facts WHERE name = ?", row -> row.getString(1), name);
        return values.isEmpty() ? null : values.getFirst();
    }
}
