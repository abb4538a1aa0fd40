package trefoil.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernel and processor that would run an image.
 *
 * @param major of its version
 * @param minor of its version
 * @param patch of its version
 * @param isaLevel 1–4 for x86-64-v1 to v4 (x86-64 psABI, "Micro-Architecture Levels")
 * @param formats what binfmt_misc would take
 */
record HostKernel(int major, int minor, int patch, int isaLevel, List<BinaryFormat> formats) {
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");
    private static final List<Set<String>> LEVELS = List.of(
            Set.of("cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2"),
            Set.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"),
            Set.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"));

    /** The one this process runs on. */
    static HostKernel running() throws IOException {
        Matcher version = VERSION.matcher(System.getProperty("os.version"));
        if (!version.matches()) {
            throw new IOException("no version of a Linux kernel: " + System.getProperty("os.version"));
        }
        Set<String> flags = new HashSet<>();
        for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
            if (line.startsWith("flags")) {
                flags.addAll(Arrays.asList(line.substring(line.indexOf(':') + 1).strip().split(" ")));
                break;
            }
        }
        return new HostKernel(
                Integer.parseInt(version.group(1)),
                Integer.parseInt(version.group(2)),
                version.group(3) == null ? 0 : Integer.parseInt(version.group(3)),
                isaLevel(flags),
                BinaryFormat.registered());
    }

    /** The level of a processor by its flags as /proc/cpuinfo names them. */
    static int isaLevel(Set<String> flags) {
        int level = 1;
        for (Set<String> needed : LEVELS) {
            if (!flags.containsAll(needed)) {
                break;
            }
            level++;
        }
        return level;
    }

    /** Whether it is at least as new as a program asks; numbers are unsigned, as in the note. */
    boolean isAtLeast(ElfFile.AbiTag tag) {
        int byMajor = Integer.compareUnsigned(major, tag.major());
        int byMinor = byMajor != 0 ? byMajor : Integer.compareUnsigned(minor, tag.minor());
        return (byMinor != 0 ? byMinor : Integer.compareUnsigned(patch, tag.patch())) >= 0;
    }

    String version() {
        return major + "." + minor + "." + patch;
    }
}
