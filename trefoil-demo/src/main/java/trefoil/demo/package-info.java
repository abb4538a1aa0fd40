/**
 * {@code trefoil demo}: on a machine where nothing of Trefoil runs, one command ends with servers that can be logged in to.
 *
 * <p>It does nothing that a user could not do: {@link trefoil.demo.Host} installs Debian packages by the same script as
 * the tests and starts the daemon by the same command line as anybody; {@link trefoil.demo.Launch} asks the daemon's API
 * for the servers, all at once; {@link trefoil.demo.Summary} prints what came of it. {@link trefoil.demo.Teardown} takes
 * back exactly what the demo made, which it knows by the servers' descriptions and by a marker beside the daemon's state.
 */
package trefoil.demo;
