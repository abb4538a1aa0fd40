/**
 * What survives the daemon: one SQLite file in WAL mode, one connection, prepared statements.
 *
 * <p>{@code synchronous=NORMAL}: a commit is not flushed to the disk by itself, so it costs microseconds. A daemon or
 * server process that dies loses nothing. A host that loses power may lose the last commits but never the database's
 * consistency (SQLite, "Write-Ahead Logging", section 2.1 and {@code PRAGMA synchronous}); no server survives such a
 * loss either, and what directories it leaves without a row are set aside at the next start.
 *
 * <p>Tables hold what people look for in columns of their own, the rest as the JSON of the API's records.
 */
package trefoil.daemon.database;
