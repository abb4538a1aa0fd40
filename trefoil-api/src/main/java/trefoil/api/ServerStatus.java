package trefoil.api;

import io.avaje.jsonb.Json;

/** What a server is doing, as the daemon last saw it. */
public enum ServerStatus {
    RUNNING("running"),
    STOPPED("stopped"),
    PAUSED("paused"),
    /** The server cannot run; {@link Server#error()} says why. */
    ERROR("error");

    private final String word;

    ServerStatus(String word) {
        this.word = word;
    }

    /** The status's word in JSON and on the command line. */
    @Json.Value
    public String word() {
        return word;
    }

    @Override
    public String toString() {
        return word;
    }
}
