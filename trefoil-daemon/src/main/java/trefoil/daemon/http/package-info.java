/**
 * HTTP/1.1 on a Unix socket (Jetty), and the way from a request to its {@link trefoil.daemon.http.Endpoint}.
 *
 * <p>{@link trefoil.daemon.http.PeerAccess} asks the kernel who is at the other end; {@link trefoil.daemon.http.Router}
 * finds the {@link trefoil.daemon.http.Route} by method and path; the endpoint reads its {@link trefoil.daemon.http.Call}
 * and answers with a {@link trefoil.daemon.http.Reply}. Each request runs on a virtual thread and may block.
 */
package trefoil.daemon.http;
