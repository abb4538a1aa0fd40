package trefoil.daemon.journal;

import java.io.IOException;

/** Knows how to set right what a deed did, wholly, in part or not at all: takes it back, or carries out a deletion. Idempotent. */
@FunctionalInterface
public interface Remedy {
    /** Sets it right. */
    void settle(Deed deed) throws IOException;
}
