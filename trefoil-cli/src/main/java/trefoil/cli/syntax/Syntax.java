package trefoil.cli.syntax;

import java.util.ArrayList;
import java.util.List;
import trefoil.cli.value.Nearest;
import trefoil.cli.value.UsageException;

/** The options and operands of one command. Declare them all, then {@link #read} once. */
public final class Syntax {
    private final List<Option> options = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();

    /** An option without a value; {@code letter} may be {@code null}. */
    public Flag flag(String letter, String name, String description) {
        return declare(new Flag(letter, name, description));
    }

    /** An option with one value; {@code letter} may be {@code null}. */
    public Value value(String letter, String name, String argument, String description) {
        return declare(new Value(letter, name, argument, description));
    }

    /** An option that may be repeated; {@code letter} may be {@code null}. */
    public Values values(String letter, String name, String argument, String description) {
        return declare(new Values(letter, name, argument, description));
    }

    private <T extends Option> T declare(T option) {
        options.add(option);
        return option;
    }

    /** The next word. Words that may be left out come behind those that may not. */
    public Operand operand(String label, String description, boolean required) {
        Operand operand = new Operand(label, description, required);
        places.add(operand);
        return operand;
    }

    /** All further words. */
    public Operands operands(int least, String label, String description) {
        Operands operands = new Operands(least, label, description);
        places.add(operands);
        return operands;
    }

    /** All options, in the order in which they were declared. */
    public List<Option> options() {
        return options;
    }

    List<Place> places() {
        return places;
    }

    /**
     * Reads the words behind a command's own.
     *
     * @param optionsFirst whether the first word that is no option ends the options
     * @return whether {@code asksHelp} was met, which ends the reading
     */
    public boolean read(String[] args, boolean optionsFirst, Flag asksHelp) {
        List<String> words = new ArrayList<>();
        boolean optionsEnded = false;
        for (int i = 0; i < args.length && !asksHelp.isSet(); i++) {
            String arg = args[i];
            if (optionsEnded || arg.length() < 2 || arg.charAt(0) != '-') {
                words.add(arg);
                optionsEnded |= optionsFirst;
            } else if (arg.equals("--")) {
                optionsEnded = true;
            } else {
                i += arg.charAt(1) == '-' ? readLong(arg, args, i + 1) : readLetters(arg, args, i + 1);
            }
        }
        if (!asksHelp.isSet()) {
            place(words);
        }
        return asksHelp.isSet();
    }

    /** Reads {@code --name}, {@code --name=value} or {@code --name value}; returns how many words it took beside its own. */
    private int readLong(String arg, String[] args, int next) {
        int equals = arg.indexOf('=');
        String name = equals < 0 ? arg : arg.substring(0, equals);
        Option option = find(name, arg);
        if (option.argument() == null) {
            if (equals >= 0) {
                throw new UsageException(name + " takes no value", null);
            }
            option.take(null);
            return 0;
        }
        if (equals >= 0) {
            option.take(arg.substring(equals + 1));
            return 0;
        }
        option.take(following(name, option, args, next));
        return 1;
    }

    /** Reads {@code -a}, {@code -ab}, {@code -fvalue}, {@code -f=value} or {@code -f value}; returns how many words it took beside its own. */
    private int readLetters(String arg, String[] args, int next) {
        for (int i = 1; i < arg.length(); i++) {
            String letter = "-" + arg.charAt(i);
            Option option = find(letter, i == 1 ? arg : letter);
            if (option.argument() == null) {
                option.take(null);
            } else if (i + 1 < arg.length()) {
                String value = arg.substring(i + 1);
                option.take(value.startsWith("=") ? value.substring(1) : value);
                return 0;
            } else {
                option.take(following(letter, option, args, next));
                return 1;
            }
        }
        return 0;
    }

    private static String following(String name, Option option, String[] args, int next) {
        if (next >= args.length) {
            throw new UsageException(name + " needs a value: " + option.argument(), null);
        }
        return args[next];
    }

    private Option find(String name, String typed) {
        List<String> names = new ArrayList<>();
        for (Option option : options) {
            if (name.equals(option.name()) || name.equals(option.letter())) {
                return option;
            }
            names.add(option.name());
        }
        String near = Nearest.to(name, names);
        throw new UsageException("there is no option \"" + typed + "\"" + (near == null ? "" : "; did you mean " + near + "?"), null);
    }

    private void place(List<String> words) {
        int at = 0;
        for (Place place : places) {
            int end = place.most() == 1 ? Math.min(at + 1, words.size()) : words.size();
            if (end - at < place.least()) {
                throw new UsageException(place.label() + " is missing", null);
            }
            place.take(words.subList(at, end));
            at = end;
        }
        if (at < words.size()) {
            throw new UsageException("\"" + words.get(at) + "\" is one argument too many", null);
        }
    }
}
