package trefoil.image.unpack;

import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** How failures below an import are told: one place, so that the same failure always gets the same reason. */
public final class Refusal {
    private Refusal() {}

    /** A malformed or hostile image. */
    public static ImageException bad(String message) {
        return new ImageException(Reason.BAD_IMAGE, message, null, null);
    }

    /** A malformed or hostile image, with what to do next. */
    public static ImageException bad(String message, String next) {
        return new ImageException(Reason.BAD_IMAGE, message, next, null);
    }

    /** The disk below the store is full. */
    public static ImageException full(String message, Throwable cause) {
        return new ImageException(
                Reason.DISK_FULL,
                message,
                "free space below the state directory, for example with: trefoil image list, trefoil image delete NAME",
                cause);
    }

    /** Whether this is the system's way to say that the disk or a quota is full. */
    public static boolean isFull(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof ErrnoException x && (x.errno() == Errno.ENOSPC || x.errno() == Errno.EDQUOT)) {
                return true;
            }
            String words = t instanceof IOException && t.getMessage() != null ? t.getMessage() : "";
            if (words.contains("No space left on device") || words.contains("Disk quota exceeded")) {
                return true;
            }
        }
        return false;
    }

    /** What reading and unpacking {@code subject} ended with: {@code e} itself where it says enough, else what it means. */
    public static ImageException of(String subject, IOException e) {
        if (e instanceof ImageException known) {
            return known;
        }
        if (isFull(e)) {
            return full("the disk filled up while " + subject + " was unpacked", e);
        }
        if (e instanceof ErrnoException x) {
            return isBadName(x.errno())
                    ? new ImageException(Reason.BAD_IMAGE, subject + " holds a name that no file can have: " + e.getMessage(), null, e)
                    : new ImageException(Reason.SOURCE_FAILED, "cannot unpack " + subject + ": " + e.getMessage(), null, e);
        }
        String what = e instanceof EOFException && e.getMessage() == null ? "it was cut off" : words(e);
        return new ImageException(Reason.BAD_IMAGE, subject + " is damaged: " + what, "fetch it again and compare its checksum", e);
    }

    private static boolean isBadName(int errno) {
        return errno == Errno.ENAMETOOLONG || errno == Errno.ELOOP || errno == Errno.EILSEQ || errno == Errno.EINVAL;
    }

    private static String words(IOException e) {
        return e.getMessage() == null
                ? e.getClass().getSimpleName().replace("Exception", "").toLowerCase(Locale.ROOT)
                : e.getMessage();
    }
}
