package trefoil.machine.snapshot;

import java.io.IOException;

/** A file that is no snapshot, is damaged, or was written by another version of Trefoil than this. */
public final class SnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    SnapshotException(String message) {
        super(message);
    }
}
