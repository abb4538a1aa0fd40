package trefoil.image.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import trefoil.image.unpack.MergedTree;

/**
 * What a root file system says of itself: {@code os-release(5)} and the ELF header of its first program.
 *
 * @param hasInit whether {@code /sbin/init} leads to something
 */
record RootInspection(String os, String osId, String architecture, boolean hasInit) {
    private static final int TEXT_LIMIT = 64 * 1024;
    private static final int WORDS_LIMIT = 120;
    private static final List<String> PROGRAMS = List.of("sbin/init", "bin/sh", "bin/busybox", "usr/bin/env", "bin/true");
    /** {@code e_machine} (elf.h) to Debian's architecture. */
    private static final Map<Integer, String> MACHINES = Map.of(
            3, "i386", 21, "ppc64el", 22, "s390x", 40, "armhf", 62, "amd64", 183, "arm64", 243, "riscv64", 258, "loong64");

    static RootInspection of(MergedTree tree) throws IOException {
        byte[] release = tree.read("etc/os-release", TEXT_LIMIT);
        if (release == null) {
            release = tree.read("usr/lib/os-release", TEXT_LIMIT);
        }
        String text = release == null ? "" : new String(release, StandardCharsets.UTF_8);
        String pretty = value(text, "PRETTY_NAME");
        return new RootInspection(
                pretty.isEmpty() ? "unknown" : pretty,
                value(text, "ID").replaceAll("[^a-z0-9._-]", ""),
                architecture(tree),
                tree.resolve("sbin/init") != null);
    }

    /** A shell assignment with or without quotes; control characters are dropped, for it will be printed. */
    private static String value(String text, String key) {
        for (String line : text.split("\n")) {
            if (line.startsWith(key + "=")) {
                String value = line.substring(key.length() + 1).strip();
                if (value.length() > 1 && (value.charAt(0) == '"' || value.charAt(0) == '\'') && value.endsWith(value.substring(0, 1))) {
                    value = value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1");
                }
                String clean = value.replaceAll("[\\p{Cntrl}\\p{Cf}\\ufffd]", "");
                return clean.length() > WORDS_LIMIT ? clean.substring(0, WORDS_LIMIT) : clean;
            }
        }
        return "";
    }

    private static String architecture(MergedTree tree) throws IOException {
        for (String program : PROGRAMS) {
            byte[] elf = tree.read(program, 20);
            if (elf != null && elf.length == 20 && elf[0] == 0x7f && elf[1] == 'E' && elf[2] == 'L' && elf[3] == 'F') {
                int low = elf[5] == 2 ? 19 : 18; // EI_DATA
                int machine = elf[low] & 0xff | (elf[37 - low] & 0xff) << 8;
                return MACHINES.getOrDefault(machine, "machine-" + machine);
            }
        }
        return "unknown";
    }
}
