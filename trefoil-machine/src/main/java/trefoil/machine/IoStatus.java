package trefoil.machine;

/** How a backend's operation ended; a device turns it into its own protocol's status. The host's errors come no further than this. */
public enum IoStatus {
    OK,
    /** The host could not read or write, or the image is damaged there ({@code EIO}). */
    IO_ERROR,
    /** The host has no room for what was to be written ({@code ENOSPC}, {@code EDQUOT}). Nothing that was there is lost; it may be tried again. */
    NO_SPACE,
    /** The backend cannot be written. */
    READ_ONLY,
    /** Not inside the disk. */
    OUT_OF_RANGE,
    /** This backend cannot do that. */
    UNSUPPORTED
}
