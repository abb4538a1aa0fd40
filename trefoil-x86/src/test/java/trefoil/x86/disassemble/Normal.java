package trefoil.x86.disassemble;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Brings objdump's text and ours to one form.
 *
 * <p>From objdump's: symbols and comments go; prefixes that it prints because an instruction does not use them go (data16, addr32, cs, rex.W, repz before no string
 * instruction, bnd, notrack, xacquire, xrelease and branch hints: processors without MPX, CET and TSX ignore all of them); the pseudo-index {@code riz} goes.
 */
final class Normal {
    private static final Pattern SYMBOL = Pattern.compile("\\s*<[^>]*>|\\s*#.*$");
    private static final Pattern TARGET = Pattern.compile("\\b([0-9a-f]+)(?= <)");
    private static final Pattern NO_INDEX = Pattern.compile("\\+[er]iz\\*\\d");
    private static final Pattern ONLY_NO_INDEX = Pattern.compile("(?:(..):)?\\[([er])iz\\*\\d([+-])0x([0-9a-f]+)\\]");
    private static final Set<String> UNUSED = Set.of("data16", "data32", "addr16", "addr32", "cs", "ds", "es", "ss", "fs", "gs", "bnd", "notrack", "xacquire", "xrelease");
    private static final Set<String> REPEATS = Set.of("rep", "repz", "repnz", "repe", "repne");
    private static final Set<String> STRINGS = Set.of("movs", "cmps", "stos", "lods", "scas", "ins", "outs");

    private Normal() {}

    static String of(String text) {
        String bare = SYMBOL.matcher(TARGET.matcher(text).replaceFirst("0x$1")).replaceAll("").strip().replaceAll("\\s+", " ").replaceAll(",p[nt]\\b", "");
        List<String> words = new ArrayList<>(List.of(bare.split(" ")));
        List<String> prefixes = new ArrayList<>();
        while (words.size() > 1 && isPrefix(words.getFirst())) {
            prefixes.add(words.removeFirst());
        }
        prefixes.removeIf(word -> UNUSED.contains(word) || word.startsWith("rex") || REPEATS.contains(word) && !STRINGS.contains(words.getFirst()));
        while (prefixes.size() > 1 && prefixes.getFirst().equals(prefixes.getLast())) {
            prefixes.removeFirst();
        }
        prefixes.addAll(words);
        String joined = NO_INDEX.matcher(String.join(" ", prefixes)).replaceAll("");
        return ONLY_NO_INDEX.matcher(joined).replaceAll(Normal::absolute);
    }

    /** An address that has a SIB octet with neither base nor index is absolute. */
    private static String absolute(MatchResult match) {
        long offset = Long.parseLong(match.group(4), 16) * (match.group(3).equals("-") ? -1 : 1);
        String digits = match.group(2).equals("e") ? Integer.toHexString((int) offset) : Long.toHexString(offset);
        return (match.group(1) == null ? "ds" : match.group(1)) + ":0x" + digits;
    }

    private static boolean isPrefix(String word) {
        return UNUSED.contains(word) || REPEATS.contains(word) || word.equals("lock") || word.startsWith("rex");
    }
}
