package trefoil.cli.syntax;

import java.util.ArrayList;
import java.util.List;

/** An option with a value that may be given several times. */
public final class Values extends Option {
    private final List<String> all = new ArrayList<>();

    Values(String letter, String name, String argument, String description) {
        super(letter, name, argument, description + " May be repeated.");
    }

    /** What was given, in order. */
    public List<String> all() {
        return all;
    }

    @Override
    void take(String value) {
        all.add(value);
    }
}
