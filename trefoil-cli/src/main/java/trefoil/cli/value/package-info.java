/**
 * Values as people write them on a command line, and back: sizes, rates, CPUs, ports, limits. Parsers refuse what they do
 * not know with a {@link trefoil.cli.value.UsageException}; none guesses. Units follow IEC 80000-13: {@code MiB} is 2^20
 * bytes, {@code MB} 10^6; a lone letter is binary.
 */
package trefoil.cli.value;
