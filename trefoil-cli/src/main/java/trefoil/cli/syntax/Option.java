package trefoil.cli.syntax;

/** An option of a command. */
public abstract sealed class Option permits Flag, Value, Values {
    private final String letter;
    private final String name;
    private final String argument;
    private final String description;

    /**
     * @param letter such as {@code -f}, or {@code null}
     * @param name such as {@code --format}
     * @param argument what its value is called in the help; {@code null} for a flag
     */
    Option(String letter, String name, String argument, String description) {
        this.letter = letter;
        this.name = name;
        this.argument = argument;
        this.description = description;
    }

    /** Its long name with the dashes. */
    public final String name() {
        return name;
    }

    final String letter() {
        return letter;
    }

    final String argument() {
        return argument;
    }

    final String description() {
        return description;
    }

    /** Takes note that it was given; {@code value} is {@code null} for a flag. */
    abstract void take(String value);
}
