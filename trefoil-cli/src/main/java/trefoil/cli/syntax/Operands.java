package trefoil.cli.syntax;

import java.util.List;

/** The rest of the words of a command line. */
public final class Operands extends Place {
    private List<String> all = List.of();

    Operands(int least, String label, String description) {
        super(label, description, least, Integer.MAX_VALUE);
    }

    /** What was given, in order. */
    public List<String> all() {
        return all;
    }

    @Override
    void take(List<String> words) {
        all = List.copyOf(words);
    }
}
