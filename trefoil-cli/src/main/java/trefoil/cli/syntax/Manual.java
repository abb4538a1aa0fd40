package trefoil.cli.syntax;

/**
 * What a command's help says beside its options.
 *
 * @param description what it does: paragraphs separated by empty lines
 * @param examples command lines, one a line, printed as they stand
 */
public record Manual(String description, String examples) {}
