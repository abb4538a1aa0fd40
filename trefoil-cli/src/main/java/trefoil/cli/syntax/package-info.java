/**
 * Command lines: a {@link trefoil.cli.syntax.Syntax} holds what a command takes, reads the words, and prints the help.
 *
 * <p>A command declares each option and operand (POSIX.1-2024, XBD 12.1) as a field whose value is there once the words are
 * read. Spellings are those of getopt_long(3) without abbreviation: {@code -f json}, {@code -fjson}, {@code --format json},
 * {@code --format=json}, {@code -ab} for two flags; {@code --} ends the options. Of an option that takes one value the last
 * one holds.
 *
 * <p>It is plain code without reflection: the start-up cache holds all of it, so that reading a command line costs about
 * nothing, where an annotation-driven reader took half of a command's time.
 */
package trefoil.cli.syntax;
