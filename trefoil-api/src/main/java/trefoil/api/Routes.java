package trefoil.api;

/**
 * Every route of the API. JSON answers are wrapped in an {@link Envelope}. "async" answers 202 with an
 * {@link Operation}, {@code Location} its path; lists answer resources in name order.
 *
 * <table>
 * <caption>Routes</caption>
 * <tr><td>GET /1.0</td><td>{@link HostInfo}</td></tr>
 * <tr><td>GET /1.0/resources</td><td>{@link HostResources}</td></tr>
 * <tr><td>GET /1.0/doctor</td><td>list of {@link Finding}</td></tr>
 * <tr><td>POST /1.0/shutdown</td><td>ends the daemon; servers go on ({@code ?servers=stop} stops them first, and takes keeper and networks off the host); sync</td></tr>
 * <tr><td>GET /1.0/events[?type=]</td><td>WebSocket, text messages of {@link Event}</td></tr>
 * <tr><td>GET /1.0/operations</td><td>list of {@link Operation}, running and recently ended</td></tr>
 * <tr><td>GET /1.0/operations/{id}</td><td>{@link Operation}</td></tr>
 * <tr><td>GET /1.0/operations/{id}/wait[?timeout=seconds][&amp;seen=version]</td><td>{@link Operation} with {@code ETag}, when it is over, when its version is no longer {@code seen} (the {@code ETag} without its quotes), or after the time</td></tr>
 * <tr><td>DELETE /1.0/operations/{id}</td><td>cancels it where it can be; sync</td></tr>
 * <tr><td>GET /1.0/servers</td><td>list of {@link Server}</td></tr>
 * <tr><td>GET /1.0/usage</td><td>list of {@link Usage} of all running servers</td></tr>
 * <tr><td>POST /1.0/servers[?start=true][&amp;wait=none|ip|usable|exit][&amp;timeout=seconds]</td><td>{@link ServerConfig}; makes (and starts) a server, its image built when it is not in the store; async, metadata {@code name} and, for {@code exit}, {@code exitStatus}; 180 s where no time is given</td></tr>
 * <tr><td>POST /1.0/plan</td><td>{@link ServerConfig}; list of {@link PlanStep}; makes nothing</td></tr>
 * <tr><td>GET /1.0/servers/{name}</td><td>{@link Server}, with {@code ETag}</td></tr>
 * <tr><td>PATCH /1.0/servers/{name}</td><td>{@link ServerConfig} with what changes (limits, ports, autostart, restart, description …), {@code If-Match} honoured; {@link Server}; sync</td></tr>
 * <tr><td>DELETE /1.0/servers/{name}[?force=true]</td><td>async; 409 when running without force</td></tr>
 * <tr><td>POST /1.0/servers/{name}/rename</td><td>{@link Rename}; the server must be stopped; {@link Server}; sync</td></tr>
 * <tr><td>PUT /1.0/servers/{name}/state</td><td>{@link StateChange}; async</td></tr>
 * <tr><td>GET /1.0/servers/{name}/usage</td><td>{@link Usage}</td></tr>
 * <tr><td>POST /1.0/servers/{name}/exec</td><td>{@link ExecRequest}; async; metadata {@code websocket}</td></tr>
 * <tr><td>GET /1.0/servers/{name}/exec</td><td>header {@code X-Trefoil-Exec}: JSON of {@link ExecRequest}; WebSocket of {@link StreamFrame}s; the process starts at once; header {@code X-Trefoil-Operation}: the operation's path</td></tr>
 * <tr><td>GET /1.0/servers/{name}/exec/{id}</td><td>WebSocket of {@link StreamFrame}s; the process starts when it is opened</td></tr>
 * <tr><td>GET /1.0/servers/{name}/console[?columns=&amp;rows=]</td><td>WebSocket of {@link StreamFrame}s; begins with the recent output; several may watch</td></tr>
 * <tr><td>GET /1.0/servers/{name}/log[?follow=true]</td><td>console output since the last boot, {@code text/plain}; chunked while following</td></tr>
 * <tr><td>GET /1.0/servers/{name}/files?path=[&amp;follow=false]</td><td>octets of a file or, for a directory, a list of its names; with {@code follow=false} a link at the end of the path is described, not followed; header {@code X-Trefoil-File}: JSON of {@link FileInfo}, without the names where they exceed 24 KiB (the body, a {@link FileInfo}, has them all)</td></tr>
 * <tr><td>PUT /1.0/servers/{name}/files?path=[&amp;uid=][&amp;gid=][&amp;mode=octal][&amp;type=file|directory|symlink][&amp;target=]</td><td>body is the file, {@code target} what the link says; replaces atomically; sync</td></tr>
 * <tr><td>DELETE /1.0/servers/{name}/files?path=</td><td>sync</td></tr>
 * <tr><td>GET /1.0/images</td><td>list of {@link Image}</td></tr>
 * <tr><td>GET /1.0/images/{reference}</td><td>{@link Image}</td></tr>
 * <tr><td>POST /1.0/images/build</td><td>{@link ImageBuild}; async; metadata {@code fingerprint}</td></tr>
 * <tr><td>POST /1.0/images/import[?alias=]</td><td>body is the archive; async; metadata {@code fingerprint}</td></tr>
 * <tr><td>GET /1.0/images/{reference}/export</td><td>octets of a zstd-compressed rootfs tarball</td></tr>
 * <tr><td>DELETE /1.0/images/{reference}</td><td>sync; 409 when servers are made from it</td></tr>
 * <tr><td>GET /1.0/networks</td><td>list of {@link Network}</td></tr>
 * <tr><td>POST /1.0/networks</td><td>{@link Network}; {@link Network}; sync</td></tr>
 * <tr><td>GET /1.0/networks/{name}</td><td>{@link Network}</td></tr>
 * <tr><td>DELETE /1.0/networks/{name}</td><td>sync; 409 when servers are attached</td></tr>
 * </table>
 *
 * <p>Path segments are percent-encoded (RFC 3986): an image reference {@code debian:12} is {@code debian%3A12}.
 */
public final class Routes {
    /** Prefix of every route. */
    public static final String ROOT = "/1.0";

    private Routes() {}
}
