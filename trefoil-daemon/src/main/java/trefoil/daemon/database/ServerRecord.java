package trefoil.daemon.database;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;
import trefoil.api.ExitRecord;
import trefoil.api.ServerConfig;
import trefoil.api.ServerStatus;

/**
 * All that is kept of a server.
 *
 * @param name its name
 * @param config its configuration; its name is {@code name}, every component that has a default is set
 * @param fingerprint of the image it is made from
 * @param image alias it was made from
 * @param os pretty name of its operating system
 * @param idBase first host uid and gid of its range
 * @param place where it is on its network; {@code null} for no network
 * @param command what runs as process 1, the image's own command included; empty for {@code /sbin/init}
 * @param environment variables of process 1, the image's own included
 * @param status what it was last known to do
 * @param error why its status is {@code error}
 * @param created when it was made
 * @param started when it was last started
 * @param usableAfterMillis milliseconds from start to usable
 * @param lastExit how it last ended
 * @param revision grows by one with each change of its configuration
 * @param pending components of its configuration that were changed while it ran and take effect at its next start
 */
@Json
public record ServerRecord(
        String name,
        ServerConfig config,
        String fingerprint,
        String image,
        String os,
        int idBase,
        Place place,
        List<String> command,
        Map<String, String> environment,
        ServerStatus status,
        String error,
        long created,
        Long started,
        Long usableAfterMillis,
        ExitRecord lastExit,
        long revision,
        List<String> pending) {
    /** A record that an earlier version kept has no {@code pending}. */
    public ServerRecord {
        pending = pending == null ? List.of() : List.copyOf(pending);
    }

    /** Whether it is no server but begun ahead of need: then it has no image's name. */
    public boolean isBegun() {
        return image.isEmpty();
    }

    /** The same, running since then. */
    public ServerRecord running(long since) {
        return new ServerRecord(
                name, config, fingerprint, image, os, idBase, place, command, environment, ServerStatus.RUNNING, null,
                created, since, null, lastExit, revision, List.of());
    }

    /** The same, with this status and, for {@code error}, the reason. */
    public ServerRecord status(ServerStatus now, String reason) {
        return new ServerRecord(
                name, config, fingerprint, image, os, idBase, place, command, environment, now, reason, created,
                started, usableAfterMillis, lastExit, revision, pending);
    }

    /** The same, ended so. */
    public ServerRecord ended(ExitRecord exit) {
        return new ServerRecord(
                name, config, fingerprint, image, os, idBase, place, command, environment, ServerStatus.STOPPED, null,
                created, started, usableAfterMillis, exit, revision, pending);
    }

    /** The same, usable so long after its start. */
    public ServerRecord usable(long afterMillis) {
        return new ServerRecord(
                name, config, fingerprint, image, os, idBase, place, command, environment, status, error, created,
                started, afterMillis, lastExit, revision, pending);
    }

    /** The same, with another configuration and what follows from it, of which {@code later} takes effect at its next start only. */
    public ServerRecord configured(
            ServerConfig changed, Place elsewhere, List<String> run, Map<String, String> variables, List<String> later) {
        return new ServerRecord(
                changed.name(), changed, fingerprint, image, os, idBase, elsewhere, run, variables, status, error,
                created, started, usableAfterMillis, lastExit, revision + 1, later);
    }

    /** The same, with this taking effect at its next start. */
    public ServerRecord pending(List<String> later) {
        return new ServerRecord(
                name, config, fingerprint, image, os, idBase, place, command, environment, status, error, created,
                started, usableAfterMillis, lastExit, revision, later);
    }

    /** Whether a process of it is to be alive. */
    public boolean alive() {
        return status == ServerStatus.RUNNING || status == ServerStatus.PAUSED;
    }
}
