/**
 * The REST resources of the daemon as records: what the server answers, the client sends, the command line prints and
 * {@code openapi.yaml} describes are these same types.
 *
 * <p>Units: bytes for sizes, bytes per second for disk rates, bits per second for network rates, nanoseconds for CPU
 * time, milliseconds since the epoch (UTC) for instants, unless a component's name says otherwise. A component that is
 * {@code null} is "not set"; lists and maps are never {@code null} in what the daemon sends.
 */
package trefoil.api;
