package trefoil.cli.value;

import java.util.ArrayList;
import java.util.List;

/** Enumerations of the API by the words that stand for their constants. */
public final class Words {
    private Words() {}

    /** The constant whose word is {@code word}; {@code what} names the kind of thing for the message. */
    public static <E extends Enum<E>> E of(Class<E> type, String word, String what) {
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            if (constant.toString().equals(word)) {
                return constant;
            }
            words.add(constant.toString());
        }
        throw new UsageException("\"" + word + "\" is not a " + what + "; there are " + String.join(", ", words), null);
    }

    /** {@code true yes on 1} or {@code false no off 0}. */
    public static boolean truth(String word) {
        return switch (word) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default -> throw new UsageException("\"" + word + "\" is neither yes nor no", null);
        };
    }
}
