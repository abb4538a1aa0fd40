package trefoil.daemon.resource;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.FileInfo;
import trefoil.api.JsonTypes;
import trefoil.container.ContainerFiles;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.JsonText;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.lifecycle.Servers;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** {@code /1.0/servers/{name}/files}. */
public final class FileRoutes {
    /** The header that describes a file. */
    static final String HEADER = "X-Trefoil-File";
    /** Names of a directory go into the header too as long as it stays below this; the body has them always. */
    private static final int LARGEST_HEADER = 24 << 10;

    private static final int MOST_ID = 65_535;

    private final Servers servers;

    /** Over these servers' files. */
    public FileRoutes(Servers servers) {
        this.servers = servers;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0/servers/{name}/files", "reads a file or directory of a server", this::read),
                new Route("PUT", "/1.0/servers/{name}/files", "writes a file or directory of a server", this::write),
                new Route("DELETE", "/1.0/servers/{name}/files", "removes a file or empty directory of a server", this::remove));
    }

    private Reply read(Call call) throws IOException {
        String path = path(call);
        String server = call.path("name");
        try (ContainerFiles files = servers.running(server).files()) {
            ContainerFiles.Entry entry = files.stat(path);
            if (entry.type().equals("file")) {
                return new Reply.Octets(
                        "application/octet-stream", Map.of(HEADER, header(entry, List.of())), out -> send(server, path, out));
            }
            if (!entry.type().equals("directory")) {
                throw new ApiException(ErrorCode.BAD_REQUEST, path + " is neither a file nor a directory", null);
            }
            List<String> names = files.list(path);
            return Reply.sync(
                    JsonTypes.of(FileInfo.class).toJson(info(entry, names)), Map.of(HEADER, header(entry, names)));
        } catch (ErrnoException e) {
            throw refusal(path, e);
        }
    }

    private void send(String server, String path, OutputStream out) throws IOException {
        try (ContainerFiles files = servers.running(server).files()) {
            files.read(path, out);
        }
    }

    private static FileInfo info(ContainerFiles.Entry e, List<String> names) {
        return new FileInfo(e.type(), e.mode(), e.uid(), e.gid(), e.size(), e.target(), names);
    }

    private static String header(ContainerFiles.Entry entry, List<String> names) {
        String whole = JsonText.ascii(JsonTypes.of(FileInfo.class).toJson(info(entry, names)));
        return whole.length() <= LARGEST_HEADER ? whole : JsonText.ascii(JsonTypes.of(FileInfo.class).toJson(info(entry, List.of())));
    }

    private Reply write(Call call) throws IOException {
        String path = path(call);
        int uid = (int) call.number("uid", 0, 0, MOST_ID);
        int gid = (int) call.number("gid", 0, 0, MOST_ID);
        boolean directory = call.word("type", "file", Set.of("file", "directory")).equals("directory");
        int mode = mode(call.query("mode"), directory ? 0755 : 0644);
        try (ContainerFiles files = servers.running(call.path("name")).files()) {
            if (directory) {
                files.makeDirectory(path, uid, gid, mode);
            } else {
                try (InputStream body = call.body()) {
                    files.write(path, body, uid, gid, mode);
                }
            }
        } catch (ErrnoException e) {
            throw refusal(path, e);
        }
        return Reply.done();
    }

    private static int mode(String octal, int otherwise) {
        if (octal == null) {
            return otherwise;
        }
        try {
            int mode = Integer.parseInt(octal, 8);
            if (mode >= 0 && mode <= 07777) {
                return mode;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ApiException(ErrorCode.BAD_REQUEST, "mode: '" + octal + "' is not an octal number from 0 to 7777", null);
    }

    private Reply remove(Call call) throws IOException {
        String path = path(call);
        try (ContainerFiles files = servers.running(call.path("name")).files()) {
            files.remove(path);
        } catch (ErrnoException e) {
            throw refusal(path, e);
        }
        return Reply.done();
    }

    private static String path(Call call) {
        String path = call.required("path");
        if (!path.startsWith("/") || path.indexOf('\0') >= 0 || path.getBytes(StandardCharsets.UTF_8).length > 4095) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "path: an absolute path inside the server is expected, of at most 4095 octets", null);
        }
        return path;
    }

    /** The error number of a file operation inside, in the API's words. */
    private static ApiException refusal(String path, ErrnoException e) {
        ErrorCode code = switch (e.errno()) {
            case Errno.ENOENT -> ErrorCode.NOT_FOUND;
            case Errno.ENOSPC, Errno.EDQUOT -> ErrorCode.DISK_FULL;
            case Errno.ENOTDIR, Errno.EISDIR, Errno.ENAMETOOLONG, Errno.ELOOP, Errno.EINVAL, Errno.EXDEV -> ErrorCode.BAD_REQUEST;
            case Errno.ENOTEMPTY, Errno.EBUSY, Errno.EEXIST, Errno.ETXTBSY, Errno.EROFS -> ErrorCode.CONFLICT;
            default -> ErrorCode.INTERNAL;
        };
        return new ApiException(code, path + ": " + e.getMessage(), null, e);
    }
}
