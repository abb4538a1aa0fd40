package trefoil.cli.value;

/**
 * A place inside a server: {@code web1:/etc/hosts} or {@code web1/etc/hosts}.
 *
 * @param server the server's name
 * @param path absolute, without {@code .}, {@code ..}, doubled or trailing slashes
 * @param directory whether it was written with a slash at its end
 */
public record RemotePath(String server, String path, boolean directory) {
    /** Parses either notation. */
    public static RemotePath parse(String text) {
        int colon = text.indexOf(':');
        int slash = text.indexOf('/');
        int end = colon >= 0 && (slash < 0 || colon < slash) ? colon : slash;
        if (end < 1) {
            throw new UsageException("\"" + text + "\" is not a place in a server", "NAME:/path, such as web1:/etc/hosts");
        }
        String path = text.substring(end + 1);
        return new RemotePath(text.substring(0, end), normal(path), path.isEmpty() || path.endsWith("/"));
    }

    private static String normal(String path) {
        StringBuilder normal = new StringBuilder();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                int last = normal.lastIndexOf("/");
                normal.setLength(Math.max(last, 0));
            } else if (!part.isEmpty() && !part.equals(".")) {
                normal.append('/').append(part);
            }
        }
        return normal.isEmpty() ? "/" : normal.toString();
    }

    /** The last part; empty for the root. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The directory that holds it. */
    public String parent() {
        int last = path.lastIndexOf('/');
        return last == 0 ? "/" : path.substring(0, last);
    }

    /** A place within this one. */
    public RemotePath child(String name) {
        return new RemotePath(server, (path.equals("/") ? "" : path) + "/" + name, false);
    }

    @Override
    public String toString() {
        return server + ":" + path;
    }
}
