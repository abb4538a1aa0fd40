package trefoil.daemon.database;

import java.sql.SQLException;
import java.util.List;

/** The tables and how they came to be: each entry of {@link #VERSIONS} brings the database from one version to the next ({@code PRAGMA user_version}). Entries are only ever added. */
final class Schema {
    private static final List<List<String>> VERSIONS = List.of(List.of(
            """
            CREATE TABLE servers (
              name TEXT PRIMARY KEY, status TEXT NOT NULL, image TEXT NOT NULL, fingerprint TEXT NOT NULL,
              id_base INTEGER NOT NULL UNIQUE, created INTEGER NOT NULL, started INTEGER, revision INTEGER NOT NULL,
              record TEXT NOT NULL) STRICT
            """,
            "CREATE INDEX servers_by_fingerprint ON servers (fingerprint)",
            """
            CREATE TABLE networks (
              name TEXT PRIMARY KEY, bridge TEXT NOT NULL UNIQUE, ipv4 TEXT, ipv6 TEXT, nat INTEGER NOT NULL,
              domain TEXT NOT NULL, description TEXT) STRICT
            """,
            """
            CREATE TABLE journal (
              change INTEGER NOT NULL, step INTEGER NOT NULL, what TEXT NOT NULL, deed TEXT NOT NULL,
              data TEXT NOT NULL, PRIMARY KEY (change, step)) STRICT
            """,
            "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"));

    private Schema() {}

    /** Brings the database up to date; refuses one of a newer daemon. */
    static Integer upgrade(Database.Statements statements) throws SQLException {
        int version = statements
                .query("PRAGMA user_version", row -> row.getInt(1))
                .getFirst();
        if (version > VERSIONS.size()) {
            throw new SQLException("its schema has version " + version + ", this daemon knows up to " + VERSIONS.size()
                    + "; a newer Trefoil has written it: run that one");
        }
        for (int next = version; next < VERSIONS.size(); next++) {
            for (String sql : VERSIONS.get(next)) {
                statements.define(sql);
            }
        }
        statements.define("PRAGMA user_version = " + VERSIONS.size());
        return VERSIONS.size();
    }
}
