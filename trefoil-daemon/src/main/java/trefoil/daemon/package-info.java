/**
 * The daemon's process: {@link trefoil.daemon.Main} starts it, {@link trefoil.daemon.Daemon} puts its parts together.
 *
 * <p>One request goes straight down: {@code http} (socket, credentials, routes) → {@code resource} (one class per kind
 * of resource) → {@code lifecycle} (what a server lives through) → the engine, the image store and the networks. Work
 * that takes long runs as an {@code operation}; what happened is told by {@code event}; what must survive is in
 * {@code database}, and {@code journal} makes changes of several steps all or nothing. {@code ledger} knows what the
 * host has and who was promised what; {@code doctor} says what the host lacks.
 *
 * <p>The state directory ({@code /var/lib/trefoil}, or {@code $TREFOIL_DIR}):
 * <pre>
 * trefoil.db, -wal, -shm   SQLite in WAL mode: servers, networks, the undo journal; {@code sqlite3} opens it
 * daemon.log, daemon.log.1 what the daemon logs, bounded
 * images/                  the image store: layers, manifests, aliases
 * uploads/                 archives on their way in; emptied at start
 * servers/NAME/            one server's own files: its writable layer or disk image, console log
 * orphans/NAME.MILLIS/     the same of a server whose record was lost, set aside at a start
 * </pre>
 * The run directory ({@code /run/trefoil}, or {@code $TREFOIL_DIR/run}), gone with a reboot:
 * <pre>
 * unix.socket              the API; mode 0660, group trefoil where there is such a group
 * daemon.lock              held by the one daemon that runs; its text is the process id
 * keeper.sock, …           the engine's and the networks' own
 * </pre>
 * The configuration is {@code /etc/trefoil/trefoil.conf}, or {@code $TREFOIL_DIR/trefoil.conf}; none is needed.
 *
 * <p>Whoever may write to the socket can make a server that holds any file of the host: membership in group
 * {@code trefoil} is root.
 */
package trefoil.daemon;
