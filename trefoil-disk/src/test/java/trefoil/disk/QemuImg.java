package trefoil.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** {@code qemu-img}, of Debian's package qemu-utils: the second opinion. */
public final class QemuImg {
    private QemuImg() {}

    public static void assumePresent() {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/qemu-img")), "needs /usr/bin/qemu-img (package qemu-utils)");
    }

    public record Result(int status, String output) {}

    public static Result run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/qemu-img"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    public static void succeed(String... arguments) throws IOException, InterruptedException {
        Result result = run(arguments);
        assertThat(result.status()).as("%s: %s", List.of(arguments), result.output()).isZero();
    }

    /** Checks an image and compares what it holds. */
    public static void agrees(Path image, byte[] content) throws IOException, InterruptedException {
        succeed("check", "-f", "qcow2", image.toString());
        Path raw = Files.write(image.resolveSibling(image.getFileName() + ".expected"), content);
        succeed("compare", "-f", "qcow2", "-F", "raw", image.toString(), raw.toString());
        Files.delete(raw);
        assertThat(run("info", "-f", "qcow2", image.toString()).output()).contains("(" + content.length + " bytes)");
    }
}
