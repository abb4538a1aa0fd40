package trefoil.image.oci;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import trefoil.image.unpack.Refusal;

/** The files of an image, by their names in the layout. */
interface Blobs extends Closeable {
    /** Bytes in the file; −1 where there is none. */
    long size(String name) throws IOException;

    /** Opens the file, which is there. */
    InputStream open(String name) throws IOException;

    /** The whole of a document, which must be there and be no larger than {@link Document#SIZE_LIMIT}. */
    default byte[] document(String name, String where) throws IOException {
        long size = size(name);
        if (size < 0) {
            throw Refusal.bad(where + " lacks " + name);
        }
        if (size > Document.SIZE_LIMIT) {
            throw Refusal.bad(where + ": " + name + " has " + size + " bytes; Trefoil reads up to " + Document.SIZE_LIMIT);
        }
        try (InputStream in = open(name)) {
            byte[] bytes = in.readNBytes((int) size);
            if (bytes.length < size) {
                throw Refusal.bad(where + ": " + name + " stops short");
            }
            return bytes;
        }
    }
}
