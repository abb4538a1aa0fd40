package trefoil.cli.syntax;

import java.util.List;

/** Where words that are no options go. */
abstract sealed class Place permits Operand, Operands {
    private final String label;
    private final String description;
    private final int least;
    private final int most;

    Place(String label, String description, int least, int most) {
        this.label = label;
        this.description = description;
        this.least = least;
        this.most = most;
    }

    final String label() {
        return label;
    }

    final String description() {
        return description;
    }

    final int least() {
        return least;
    }

    final int most() {
        return most;
    }

    /** How the usage line shows it. */
    final String shown() {
        String several = most > 1 && !label.contains("...") ? label + "..." : label;
        return least == 0 ? "[" + several + "]" : several;
    }

    abstract void take(List<String> words);
}
