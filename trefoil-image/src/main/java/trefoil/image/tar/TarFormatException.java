package trefoil.image.tar;

import java.io.IOException;

/** An archive that is no tape archive, or a damaged or hostile one. */
public final class TarFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong, and where */
    public TarFormatException(String message) {
        super(message);
    }
}
