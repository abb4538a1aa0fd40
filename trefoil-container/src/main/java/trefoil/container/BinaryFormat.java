package trefoil.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * One entry of binfmt_misc (kernel, Documentation/admin-guide/binfmt-misc.rst): files that the kernel hands to an interpreter of the
 * host, such as an emulator of another machine.
 *
 * @param name of the entry
 * @param interpreter the host's program
 * @param extension of file names, without the dot; {@code null} when it goes by magic
 * @param offset where the magic stands
 * @param magic bytes; {@code null} when it goes by extension
 * @param mask bits that count, as long as the magic
 */
record BinaryFormat(String name, String interpreter, String extension, int offset, byte[] magic, byte[] mask) {
    private static final Path REGISTERED = Path.of("/proc/sys/fs/binfmt_misc");

    /** The enabled entries of this host; none where binfmt_misc is not mounted. */
    static List<BinaryFormat> registered() throws IOException {
        return registered(REGISTERED);
    }

    static List<BinaryFormat> registered(Path directory) throws IOException {
        List<BinaryFormat> formats = new ArrayList<>();
        Path status = directory.resolve("status");
        if (!Files.exists(status) || Files.readAllLines(status).contains("disabled")) {
            return formats;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!name.equals("status") && !name.equals("register")) {
                    List<String> lines = Files.readAllLines(entry, StandardCharsets.ISO_8859_1);
                    if (lines.contains("enabled")) {
                        formats.add(parse(name, lines));
                    }
                }
            }
        }
        return formats;
    }

    private static BinaryFormat parse(String name, List<String> lines) {
        String magic = value(lines, "magic ");
        String mask = value(lines, "mask ");
        String offset = value(lines, "offset ");
        String extension = value(lines, "extension ");
        return new BinaryFormat(
                name,
                value(lines, "interpreter "),
                extension == null ? null : extension.replaceFirst("^\\.", ""),
                offset == null ? 0 : Integer.parseInt(offset),
                magic == null ? null : HexFormat.of().parseHex(magic),
                mask == null ? null : HexFormat.of().parseHex(mask));
    }

    private static String value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).strip())
                .findFirst()
                .orElse(null);
    }

    /** Whether the kernel would take a file for one of these. */
    boolean takes(String path, byte[] start) {
        if (extension != null) {
            return path.substring(path.lastIndexOf('/') + 1).endsWith("." + extension);
        }
        if (magic == null || start.length < offset + magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            int counts = mask == null ? 0xFF : mask[i];
            if (((start[offset + i] ^ magic[i]) & counts & 0xFF) != 0) {
                return false;
            }
        }
        return true;
    }
}
