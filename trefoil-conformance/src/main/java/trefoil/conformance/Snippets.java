package trefoil.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import trefoil.conformance.Snippet.Ending;
import trefoil.conformance.Snippet.Expectation;

/** All programs of the suite. A resource holds blocks with an empty line between; each line of a block is a word and what belongs to it, numbers in hexadecimal. */
public final class Snippets {
    private static final List<String> GROUPS = List.of("real", "protected", "long", "paging", "exceptions", "system");

    private Snippets() {}

    /** All, in the order of their resources. */
    public static List<Snippet> all() {
        return GROUPS.stream().flatMap(group -> in(group).stream()).toList();
    }

    private static List<Snippet> in(String group) {
        try (InputStream resource = Snippets.class.getResourceAsStream("/trefoil/conformance/" + group + ".snippets")) {
            return parse(group, new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Snippet> parse(String group, String text) {
        List<Snippet> all = new ArrayList<>();
        for (String block : text.strip().split("\n\\s*\n")) {
            all.add(snippet(group, block));
        }
        return all;
    }

    private static Snippet snippet(String group, String block) {
        String name = "";
        String source = "";
        Start start = null;
        Ending ending = Ending.DONE;
        StringBuilder assembly = new StringBuilder();
        StringBuilder code = new StringBuilder();
        List<Expectation> expectations = new ArrayList<>();
        for (String line : block.split("\n")) {
            String rest = line.substring(Math.min(line.length(), line.indexOf(' ') + 1)).strip();
            switch (line.split(" ", 2)[0]) {
                case "name" -> name = rest;
                case "from" -> source = rest;
                case "start" -> start = Start.valueOf(rest);
                case "asm" -> assembly.append(rest).append('\n');
                case "hex" -> code.append(rest.replace(" ", ""));
                case "ends" -> ending = Ending.valueOf(rest);
                case "expect" -> expectations.add(expectation(rest));
                default -> throw new IllegalArgumentException(group + ": " + line);
            }
        }
        if (name.isEmpty() || source.isEmpty() || start == null || code.isEmpty()) {
            throw new IllegalArgumentException(group + ": " + name + " lacks a name, a source, a start or its code");
        }
        return new Snippet(group, name, source, start, assembly.toString(), HexFormat.of().parseHex(code), ending, List.copyOf(expectations));
    }

    private static Expectation expectation(String line) {
        String[] sides = line.split("=");
        return new Expectation(sides[0].strip(), Long.parseUnsignedLong(sides[1].strip(), 16));
    }
}
