package trefoil.api;

import io.avaje.jsonb.Json;

/** The three kinds of virtual server, and {@link #AUTO}, which asks the daemon to choose. */
public enum ServerKind {
    /** Full virtualization: an unmodified operating system, unaware of the hypervisor. */
    FULL("full"),
    /** Paravirtualization: a stock kernel that knows it is a guest. */
    PARA("para"),
    /** OS-level virtualization: isolated by the host's own kernel. */
    OS("os"),
    /** In requests only: the daemon picks the kind and says why. */
    AUTO("auto");

    private final String word;

    ServerKind(String word) {
        this.word = word;
    }

    /** The kind's word in JSON and on the command line. */
    @Json.Value
    public String word() {
        return word;
    }

    @Override
    public String toString() {
        return word;
    }
}
