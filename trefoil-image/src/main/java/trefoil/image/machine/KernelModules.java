package trefoil.image.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import trefoil.image.unpack.Bounds;
import trefoil.image.unpack.Compression;
import trefoil.image.unpack.CountedInput;

/** The modules of a kernel: each file says itself what it depends on ({@code depends=} in its section {@code .modinfo}, a list of strings that end in a zero). */
final class KernelModules {
    private static final String DEPENDS = "depends=";
    private static final Pattern FILE = Pattern.compile("([A-Za-z0-9_-]+)\\.ko(?:\\.(?:gz|xz|zst))?");

    private final Map<String, Path> files = new TreeMap<>();

    /** @param directory {@code lib/modules/VERSION} */
    KernelModules(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            all.forEach(this::add);
        }
    }

    private void add(Path file) {
        Matcher name = FILE.matcher(file.getFileName().toString());
        if (name.matches()) {
            files.put(underscored(name.group(1)), file);
        }
    }

    /** Modules are named with underscores whatever their files' names have. */
    private static String underscored(String name) {
        return name.replace('-', '_');
    }

    /**
     * These and what they depend on, in an order in which they can be loaded; by name, decompressed. One that is not there is taken to be built into the kernel.
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
        byte[] content = content(file);
        for (String needed : depends(content)) {
            add(underscored(needed), ordered, above);
        }
        ordered.put(name, content);
    }

    /** What the kernel takes: Debian 13 compresses the files. */
    private static byte[] content(Path file) throws IOException {
        try (CountedInput packed = new CountedInput(Files.newInputStream(file), file.toString(), n -> {});
                InputStream plain = Compression.open(packed, Bounds.DEFAULT).stream()) {
            return plain.readAllBytes();
        }
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
