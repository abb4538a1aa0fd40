package trefoil.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * A file inside a server, as {@code GET /1.0/servers/{name}/files?path=} describes it in the header {@code X-Trefoil-File}.
 *
 * @param type {@code file}, {@code directory} or {@code symlink}
 * @param mode permission bits
 * @param uid owner inside the server
 * @param gid group inside the server
 * @param size bytes
 * @param target of a symbolic link; {@code null} otherwise
 * @param entries names in a directory; empty otherwise
 */
@Json
public record FileInfo(String type, int mode, int uid, int gid, long size, String target, List<String> entries) {}
