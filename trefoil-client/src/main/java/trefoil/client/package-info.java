/**
 * The client of the daemon's API, for the command line, tests and, later, other nodes.
 *
 * <p>{@link trefoil.client.TrefoilClient} has one method per route of {@link trefoil.api.Routes}. Beneath it, in the
 * order in which a request passes:
 *
 * <ol>
 *   <li>{@link trefoil.client.DaemonPlace} says where the daemon's socket is;
 *   <li>{@link trefoil.client.Transport} keeps idle connections, sends requests, unwraps the JSON envelope and throws
 *       {@link trefoil.api.ApiException} when it holds an error;
 *   <li>{@link trefoil.client.HttpConnection} speaks HTTP/1.1 (RFC 9112) on one Unix socket: keep-alive,
 *       {@code Content-Length} and chunked bodies both ways, streaming;
 *   <li>{@link trefoil.client.WebSocket} (RFC 6455) carries exec, console and events, the first two as
 *       {@link trefoil.client.ServerStream}s.
 * </ol>
 *
 * <p>{@code java.net.http} knows neither Unix sockets nor a fast start: it loads some six hundred classes before the first
 * byte is sent, and {@code trefoil list} is to answer within 150 milliseconds, its virtual machine's start included.
 *
 * <p>Failures, all typed: {@link trefoil.client.DaemonUnreachableException} (nobody listens; the command line then starts
 * a daemon), {@link trefoil.client.AnswerTimeoutException}, {@link trefoil.client.ProtocolException} (what came is not
 * HTTP, not a WebSocket, or not the API's JSON), {@link trefoil.api.ApiException} (the daemon says no).
 */
package trefoil.client;
