package trefoil.cli.syntax;

import java.io.PrintStream;

/** Prints the help of a command, in lines of at most 80 characters. */
public final class Usage {
    private static final int WIDTH = 80;

    /** Widest column of names; a longer one has its description on the next line. */
    private static final int NAMES = 27;

    private final StringBuilder text = new StringBuilder();
    private final String bold;
    private final String plain;

    private Usage(boolean colour) {
        bold = colour ? "\033[1m" : "";
        plain = colour ? "\033[0m" : "";
    }

    /**
     * Prints it.
     *
     * @param words the command's, such as {@code trefoil image list}
     * @param operands how they are shown; {@code null} for by their labels
     */
    public static void print(PrintStream out, boolean colour, String words, String operands, Syntax syntax, Manual manual) {
        Usage usage = new Usage(colour);
        usage.synopsis(words, operands, syntax);
        for (String paragraph : manual.description().strip().split("\n\n")) {
            usage.text.append('\n');
            usage.wrap(paragraph.replace('\n', ' '), 0, 0);
        }
        usage.columns(syntax);
        if (!manual.examples().isBlank()) {
            usage.text.append("\nExamples:\n").append(manual.examples().stripTrailing().indent(2));
        }
        out.print(usage.text);
    }

    private void synopsis(String words, String operands, Syntax syntax) {
        text.append("usage: ").append(bold).append(words).append(plain).append(" [OPTIONS]");
        if (operands != null) {
            text.append(' ').append(operands);
        } else {
            syntax.places().forEach(place -> text.append(' ').append(place.shown()));
        }
        text.append('\n');
    }

    private void columns(Syntax syntax) {
        int names = 0;
        for (Place place : syntax.places()) {
            names = Math.max(names, place.label().length());
        }
        for (Option option : syntax.options()) {
            names = Math.max(names, names(option).length());
        }
        names = Math.min(names, NAMES);
        if (!syntax.places().isEmpty()) {
            text.append('\n');
        }
        for (Place place : syntax.places()) {
            entry(place.label(), place.description(), names);
        }
        text.append("\nOptions:\n");
        for (Option option : syntax.options()) {
            entry(names(option), option.description(), names);
        }
    }

    private static String names(Option option) {
        String letter = option.letter() == null ? "    " : option.letter() + ", ";
        return letter + option.name() + (option.argument() == null ? "" : " " + option.argument());
    }

    private void entry(String name, String description, int names) {
        text.append("  ").append(bold).append(name).append(plain);
        if (name.length() > names) {
            text.append('\n').repeat(' ', names + 4);
        } else {
            text.repeat(' ', names - name.length() + 2);
        }
        wrap(description, names + 4, names + 4);
    }

    /** Appends words in lines; {@code at} is the column that the first line has come to, {@code indent} where the others begin. */
    private void wrap(String words, int at, int indent) {
        int column = at;
        for (String word : words.strip().split(" ")) {
            if (column > indent && column + 1 + word.length() > WIDTH) {
                text.append('\n').repeat(' ', indent);
                column = indent;
            } else if (column > indent) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        text.append('\n');
    }
}
