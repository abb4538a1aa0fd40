/**
 * What goes to standard output: one {@link trefoil.cli.output.Listing} per kind of resource prints its rows as a framed
 * table, in plain columns, as CSV, JSON or YAML. JSON and YAML hold the records of {@link trefoil.api} whole; the others hold
 * the columns that {@code -c} chooses.
 *
 * <p>Text that came from a server or an image passes {@link trefoil.cli.output.Safe} before it reaches a terminal.
 *
 * <p>No class here uses regular expressions, {@code String.format} or reflection: {@code trefoil list} pays for every class
 * that it loads.
 */
package trefoil.cli.output;
