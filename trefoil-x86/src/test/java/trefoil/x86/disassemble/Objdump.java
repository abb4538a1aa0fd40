package trefoil.x86.disassemble;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import trefoil.x86.decode.CodeSize;

/** GNU objdump (Debian package binutils) as an oracle. */
final class Objdump {
    static final Path PROGRAM = Path.of("/usr/bin/objdump");

    /** So many slots that addresses stay below 64 KiB: objdump keeps higher bits of 16-bit branch targets. */
    private static final int AT_ONCE = 2_000;

    /** One line of its output. */
    record Line(long address, byte[] octets, String text) {}

    private Objdump() {}

    /** Disassembles raw octets. */
    static void raw(Path file, CodeSize size, Consumer<Line> sink) throws IOException {
        run(List.of(PROGRAM.toString(), "-D", "-w", "--insn-width=16", "-b", "binary", "-m", machine(size), "-M", options(size), file.toString()), sink);
    }

    /** Disassembles the code of an ELF file. */
    static void elf(Path file, Consumer<Line> sink) throws IOException {
        run(List.of(PROGRAM.toString(), "-d", "-w", "--insn-width=16", "-M", "intel,intel64", file.toString()), sink);
    }

    private static String machine(CodeSize size) {
        return switch (size) {
            case BITS16 -> "i8086";
            case BITS32 -> "i386";
            case BITS64 -> "i386:x86-64";
        };
    }

    private static String options(CodeSize size) {
        return switch (size) {
            case BITS16 -> "intel,i8086";
            case BITS32 -> "intel,i386";
            case BITS64 -> "intel,intel64";
        };
    }

    private static void run(List<String> command, Consumer<Line> sink) throws IOException {
        Path errors = Files.createTempFile("objdump", ".err");
        try {
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            try (BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    Line parsed = parse(line);
                    if (parsed != null) {
                        sink.accept(parsed);
                    }
                }
            }
        } finally {
            Files.delete(errors);
        }
    }

    private static Line parse(String line) {
        String[] columns = line.split("\t");
        if (columns.length < 3 || !columns[0].endsWith(":")) {
            return null;
        }
        byte[] octets = HexFormat.of().parseHex(columns[1].replace(" ", ""));
        return new Line(Long.parseUnsignedLong(columns[0].strip().replace(":", ""), 16), octets, columns[2]);
    }

    /** Octets of several instructions, each at the beginning of a slot and followed by NOPs. */
    static byte[] slots(List<byte[]> samples, int width) {
        byte[] all = new byte[samples.size() * width];
        java.util.Arrays.fill(all, (byte) 0x90);
        for (int i = 0; i < samples.size(); i++) {
            System.arraycopy(samples.get(i), 0, all, i * width, samples.get(i).length);
        }
        return all;
    }

    /** Disassembles each sample by itself. */
    static List<Line> each(List<byte[]> samples, CodeSize size) throws IOException {
        List<Line> all = new ArrayList<>();
        for (int from = 0; from < samples.size(); from += AT_ONCE) {
            all.addAll(chunk(samples.subList(from, Math.min(from + AT_ONCE, samples.size())), size));
        }
        return all;
    }

    private static List<Line> chunk(List<byte[]> samples, CodeSize size) throws IOException {
        Path file = Files.createTempFile("objdump", ".bin");
        try {
            Files.write(file, slots(samples, 32));
            List<Line> first = new ArrayList<>();
            raw(file, size, line -> {
                if (line.address() % 32 == 0) {
                    first.add(line);
                }
            });
            return first;
        } finally {
            Files.delete(file);
        }
    }
}
