package trefoil.cli.syntax;

import trefoil.cli.value.UsageException;

/** An option with one value. */
public final class Value extends Option {
    private String text;

    Value(String letter, String name, String argument, String description) {
        super(letter, name, argument, description);
    }

    /** What was given, or {@code null}. */
    public String text() {
        return text;
    }

    /** What was given, or else {@code otherwise}. */
    public String text(String otherwise) {
        return text == null ? otherwise : text;
    }

    /** What was given as a whole number of at least {@code least}, or {@code null}; throws {@link UsageException} for what is none. */
    public Integer number(int least) {
        if (text == null) {
            return null;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong(least);
        }
        throw wrong(least);
    }

    private UsageException wrong(int least) {
        return new UsageException(name() + " takes a whole number from " + least + " on, not \"" + text + "\"", null);
    }

    @Override
    void take(String value) {
        text = value;
    }
}
