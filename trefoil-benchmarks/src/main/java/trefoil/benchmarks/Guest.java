package trefoil.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a machine is booted from, and how: the command line of the process that the daemon started for it, with the files' places on the host.
 *
 * @param program root of what the daemon copied for the process to run: its modules
 * @param java what stands between {@code java} and the machine's own options
 * @param options the machine's own options, in their order
 */
record Guest(Path program, List<String> java, Map<String, String> options) {
    private static final List<String> NETWORK = List.of("trefoil.ip=", "trefoil.gateway=", "trefoil.ip6=", "trefoil.gateway6=", "trefoil.dns=", "trefoil.domain=");
    private static final Set<String> NEEDED = Set.of("--name", "--vcpus", "--memory", "--kernel", "--initrd", "--append", "--base", "--disk", "--disk-size", "--mac", "--control");
    private static final String CACHE = "-XX:AOTCache=";

    /**
     * Reads the command line of a machine's process. Its network is left out, for it boots on none here.
     *
     * @param words as in {@code /proc/PID/cmdline}
     * @param program directory on the host that is the process's root, as far as modules go
     * @param kernels directory on the host that holds kernel and initial RAM disk
     * @param machine directory on the host that holds the root disk
     */
    static Guest of(List<String> words, Path program, Path kernels, Path machine) throws BenchmarkException {
        int main = words.indexOf("-m");
        if (main < 1 || (words.size() - main) % 2 != 0) {
            throw unknown(words);
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = main + 2; i < words.size(); i += 2) {
            options.put(words.get(i), words.get(i + 1));
        }
        if (!options.keySet().containsAll(NEEDED)) {
            throw unknown(words);
        }
        options.put("--kernel", moved(kernels, options.get("--kernel")));
        options.put("--initrd", moved(kernels, options.get("--initrd")));
        options.put("--base", moved(machine, options.get("--base")));
        options.put("--append", withoutNetwork(options.get("--append")));
        options.put("--mac", "");
        return new Guest(program, javaOptions(words.subList(1, main + 2), program), options);
    }

    private static BenchmarkException unknown(List<String> words) {
        return new BenchmarkException("the machine's process was started in a way that this benchmark does not know: " + String.join(" ", words), "./trefoil bench os");
    }

    private static String moved(Path directory, String file) {
        return directory.resolve(Path.of(file).getFileName()).toString();
    }

    private static List<String> javaOptions(List<String> words, Path program) {
        List<String> moved = new ArrayList<>();
        for (String word : words) {
            if (!moved.isEmpty() && moved.getLast().equals("-p")) {
                moved.add(program + word);
            } else {
                moved.add(word.startsWith(CACHE) ? CACHE + program + word.substring(CACHE.length()) : word);
            }
        }
        return moved;
    }

    /** A kernel's command line without the words that tell the initial RAM disk of a network. */
    static String withoutNetwork(String line) {
        return String.join(" ", List.of(line.split(" ")).stream().filter(word -> NETWORK.stream().noneMatch(word::startsWith)).toList());
    }

    /** The kernel's command line. */
    String line() {
        return options.get("--append");
    }

    /** Octets of RAM. */
    long memory() {
        return Long.parseLong(options.get("--memory"));
    }

    /** The raw image that the disk of each run stands on. */
    Path base() {
        return Path.of(options.get("--base"));
    }

    /** Octets of the disk. */
    long diskSize() {
        return Long.parseLong(options.get("--disk-size"));
    }

    /** Runs it under Trefoil, which makes the disk. */
    List<String> trefoil(Path disk, Path control) {
        Map<String, String> all = new LinkedHashMap<>(options);
        all.put("--disk", disk.toString());
        all.put("--control", control.toString());
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        command.addAll(java);
        all.forEach((name, value) -> command.addAll(List.of(name, value)));
        return command;
    }

    /** Runs it under QEMU's translator, on the board that is nearest to Trefoil's. @param disk a qcow2 image that is there */
    List<String> qemu(Path disk) {
        return List.of(
                "qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-cpu", "max", "-smp", options.get("--vcpus"), "-m", String.format(Locale.ROOT, "%dM", memory() >> 20),
                "-no-user-config", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", options.get("--kernel"), "-initrd", options.get("--initrd"), "-append", line(),
                "-drive", "file=" + disk + ",format=qcow2,if=none,id=root", "-device", "virtio-blk-pci,drive=root", "-device", "virtio-rng-pci");
    }
}
