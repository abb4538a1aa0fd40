package trefoil.disk;

import java.io.IOException;
import trefoil.linux.ErrnoException;

/** An image that cannot be opened, created, checked or converted: which of few reasons, what is wrong with it, and what to do. */
public final class DiskException extends IOException {
    private static final long serialVersionUID = 1L;

    public enum Reason {
        /** It is something else than was said. */
        NOT_AN_IMAGE,
        /** It uses something of its format that Trefoil does not have, or a size beyond its bounds. */
        UNSUPPORTED,
        /** It contradicts itself or its format. */
        DAMAGED,
        /** Somebody else has it open. */
        IN_USE,
        /** Its backing file is not allowed, not there, or leads back to it. */
        BACKING,
        /** The host has no room. */
        NO_SPACE,
        /** The host failed. */
        IO
    }

    private final Reason reason;

    public DiskException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** The host's error, or this exception again if it is one already. */
    public static DiskException of(String name, IOException e) {
        if (e instanceof DiskException known) {
            return known;
        }
        boolean full = e instanceof ErrnoException errno && IoFailure.isFull(errno.errno());
        DiskException disk = new DiskException(full ? Reason.NO_SPACE : Reason.IO, name + ": " + e.getMessage());
        disk.initCause(e);
        return disk;
    }

    public Reason reason() {
        return reason;
    }
}
