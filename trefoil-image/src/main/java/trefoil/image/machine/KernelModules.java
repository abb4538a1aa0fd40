package trefoil.image.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The modules of a kernel: each file says itself what it depends on ({@code depends=} in its section {@code .modinfo}, a list of strings that end in a zero). */
final class KernelModules {
    private static final String DEPENDS = "depends=";
    private static final String SUFFIX = ".ko";

    private final Map<String, Path> files = new TreeMap<>();

    /** @param directory {@code lib/modules/VERSION} */
    KernelModules(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            all.filter(file -> file.toString().endsWith(SUFFIX)).forEach(file -> files.put(name(file), file));
        }
    }

    /** Modules are named with underscores whatever their files' names have. */
    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length()).replace('-', '_');
    }

    /**
     * These and what they depend on, in an order in which they can be loaded; by name. One that is not there is taken to be built into the kernel.
     */
    Map<String, byte[]> closure(List<String> wanted) throws IOException {
        Map<String, byte[]> ordered = new LinkedHashMap<>();
        for (String name : wanted) {
            add(name, ordered, new ArrayList<>());
        }
        return ordered;
    }

    private void add(String name, Map<String, byte[]> ordered, List<String> above) throws IOException {
        Path file = files.get(name);
        if (file == null || ordered.containsKey(name) || above.contains(name)) {
            return;
        }
        above.add(name);
        byte[] content = Files.readAllBytes(file);
        for (String needed : depends(content)) {
            add(needed.replace('-', '_'), ordered, above);
        }
        ordered.put(name, content);
    }

    static List<String> depends(byte[] module) {
        String text = new String(module, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("\0" + DEPENDS);
        if (at < 0) {
            return List.of();
        }
        int from = at + 1 + DEPENDS.length();
        int end = text.indexOf('\0', from);
        String list = text.substring(from, end < 0 ? from : end);
        return list.isEmpty() ? List.of() : List.of(list.split(","));
    }
}
