package trefoil.cli.syntax;

import java.util.List;

/** A word of the command line that stands for one thing, such as a server's name. */
public final class Operand extends Place {
    private String text;

    Operand(String label, String description, boolean required) {
        super(label, description, required ? 1 : 0, 1);
    }

    /** What was given, or {@code null}. */
    public String text() {
        return text;
    }

    @Override
    void take(List<String> words) {
        text = words.isEmpty() ? null : words.getFirst();
    }
}
