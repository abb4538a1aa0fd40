package trefoil.api;

import io.avaje.jsonb.Json;

/** What the daemon does when a server's init ends without anyone having asked Trefoil to stop it. A guest's own {@code reboot} always restarts it; its own {@code poweroff} never does. */
public enum RestartPolicy {
    NEVER("never"),
    /** Restart after a non-zero exit status or a fatal signal. */
    ON_FAILURE("on-failure"),
    ALWAYS("always");

    private final String word;

    RestartPolicy(String word) {
        this.word = word;
    }

    /** The policy's word in JSON and on the command line. */
    @Json.Value
    public String word() {
        return word;
    }

    @Override
    public String toString() {
        return word;
    }
}
