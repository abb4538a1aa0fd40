/** A daemon for tests: HTTP/1.1 and WebSockets on a Unix socket, with every answer chosen by the test. */
package trefoil.client.fake;
