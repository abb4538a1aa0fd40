package trefoil.daemon.resource;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import trefoil.api.ApiException;
import trefoil.api.ErrorCode;
import trefoil.api.FileInfo;
import trefoil.api.JsonText;
import trefoil.api.JsonTypes;
import trefoil.container.ContainerFiles;
import trefoil.daemon.http.Call;
import trefoil.daemon.http.Reply;
import trefoil.daemon.http.Route;
import trefoil.daemon.lifecycle.ServerFiles;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

/** {@code /1.0/servers/{name}/files}. */
public final class FileRoutes {
    /** The header that describes a file. */
    static final String HEADER = "X-Trefoil-File";
    /** Names of a directory go into the header too as long as it stays below this; the body has them always. */
    private static final int LARGEST_HEADER = 24 << 10;

    private static final int MOST_ID = 65_535;

    private final ServerFiles files;

    /** Over these servers' files. */
    public FileRoutes(ServerFiles files) {
        this.files = files;
    }

    /** Its routes. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/1.0/servers/{name}/files", "reads a file or directory of a server", this::read),
                new Route("PUT", "/1.0/servers/{name}/files", "writes a file or directory of a server", this::write),
                new Route("DELETE", "/1.0/servers/{name}/files", "removes a file or empty directory of a server", this::remove));
    }

    private Reply read(Call call) throws IOException, InterruptedException {
        String path = path(call);
        String server = call.path("name");
        boolean follow = call.word("follow", "true", Set.of("true", "false")).equals("true");
        return work(call, path, at -> {
            ContainerFiles.Entry entry = follow ? at.stat(path) : at.lstat(path);
            if (entry.type().equals("file")) {
                return new Reply.Octets(
                        "application/octet-stream", Map.of(HEADER, header(entry, List.of())), out -> send(server, path, out));
            }
            if (entry.type().equals("symlink") && !follow) {
                return Reply.sync(JsonTypes.of(FileInfo.class).toJson(info(entry, List.of())), Map.of(HEADER, header(entry, List.of())));
            }
            if (!entry.type().equals("directory")) {
                throw new ApiException(ErrorCode.BAD_REQUEST, path + " is neither a file nor a directory", null);
            }
            List<String> names = at.list(path);
            return Reply.sync(
                    JsonTypes.of(FileInfo.class).toJson(info(entry, names)), Map.of(HEADER, header(entry, names)));
        });
    }

    /** Works on the files, and tells what the kernel refuses in the API's words. */
    private Reply work(Call call, String path, ServerFiles.Work<Reply> work) throws IOException, InterruptedException {
        try {
            return files.with(call.path("name"), work);
        } catch (ErrnoException e) {
            throw refusal(call.path("name"), path, e);
        }
    }

    private void send(String server, String path, OutputStream out) throws IOException {
        try {
            files.with(server, at -> {
                at.read(path, out);
                return null;
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + path + " was sent");
        }
    }

    private static FileInfo info(ContainerFiles.Entry e, List<String> names) {
        return new FileInfo(e.type(), e.mode(), e.uid(), e.gid(), e.size(), e.target(), names);
    }

    private static String header(ContainerFiles.Entry entry, List<String> names) {
        String whole = JsonText.ascii(JsonTypes.of(FileInfo.class).toJson(info(entry, names)));
        return whole.length() <= LARGEST_HEADER ? whole : JsonText.ascii(JsonTypes.of(FileInfo.class).toJson(info(entry, List.of())));
    }

    private Reply write(Call call) throws IOException, InterruptedException {
        String path = path(call);
        int uid = (int) call.number("uid", 0, 0, MOST_ID);
        int gid = (int) call.number("gid", 0, 0, MOST_ID);
        String type = call.word("type", "file", Set.of("file", "directory", "symlink"));
        boolean directory = type.equals("directory");
        String target = type.equals("symlink") ? target(call) : null;
        int mode = mode(call.query("mode"), directory ? 0755 : 0644);
        return work(call, path, at -> {
            if (target != null) {
                at.makeLink(path, target, uid, gid);
            } else if (directory) {
                at.makeDirectory(path, uid, gid, mode);
            } else {
                try (InputStream body = call.body()) {
                    at.write(path, body, uid, gid, mode);
                }
            }
            return Reply.done();
        });
    }

    private static String target(Call call) {
        String target = call.required("target");
        if (target.isEmpty() || target.indexOf('\0') >= 0 || target.getBytes(StandardCharsets.UTF_8).length > 4095) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "target: a path of at most 4095 octets is expected", null);
        }
        return target;
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

    private Reply remove(Call call) throws IOException, InterruptedException {
        String path = path(call);
        return work(call, path, at -> {
            at.remove(path);
            return Reply.done();
        });
    }

    private static String path(Call call) {
        String path = call.required("path");
        if (!path.startsWith("/") || path.indexOf('\0') >= 0 || path.getBytes(StandardCharsets.UTF_8).length > 4095) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "path: an absolute path inside the server is expected, of at most 4095 octets", null);
        }
        return path;
    }

    /** The error number of a file operation inside, in the API's words. */
    private static ApiException refusal(String server, String path, ErrnoException e) {
        if (e.errno() == Errno.ENOENT) {
            return new ApiException(
                    ErrorCode.NOT_FOUND, "server " + server + " has no " + path + ", or no directory that could hold it",
                    "trefoil exec " + server + " -- ls -la " + path.substring(0, Math.max(1, path.lastIndexOf('/')))
                            + "; directories that are missing are made by: trefoil file push --create-dirs", e);
        }
        ErrorCode code = switch (e.errno()) {
            case Errno.ENOSPC, Errno.EDQUOT -> ErrorCode.DISK_FULL;
            case Errno.ENOTDIR, Errno.EISDIR, Errno.ENAMETOOLONG, Errno.ELOOP, Errno.EINVAL, Errno.EXDEV -> ErrorCode.BAD_REQUEST;
            case Errno.ENOTEMPTY, Errno.EBUSY, Errno.EEXIST, Errno.ETXTBSY, Errno.EROFS -> ErrorCode.CONFLICT;
            default -> ErrorCode.INTERNAL;
        };
        return new ApiException(code, "server " + server + ": " + e.getMessage(), null, e);
    }
}
