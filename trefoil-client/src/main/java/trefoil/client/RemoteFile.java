package trefoil.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import trefoil.api.FileInfo;

/**
 * A file or directory inside a server.
 *
 * @param info what it is, a directory's names included
 * @param content octets of a file; of anything else, none
 */
public record RemoteFile(FileInfo info, InputStream content) implements Closeable {
    @Override
    public void close() throws IOException {
        content.close();
    }
}
