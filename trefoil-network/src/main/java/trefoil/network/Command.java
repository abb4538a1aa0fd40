package trefoil.network;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Debian tool that is run to its end, in the network namespace of the calling thread.
 *
 * @param status exit status
 * @param output what it wrote, errors included
 */
record Command(int status, String output) {
    private static final int SECONDS = 20;

    /** Where the tool is: the administrator's directories are searched even where PATH leaves them out. */
    static Optional<Path> find(String tool) {
        return List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin").stream()
                .map(directory -> Path.of(directory, tool))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Path need(String tool, String debianPackage) throws NetworkException {
        return find(tool).orElseThrow(() -> new NetworkException(
                "the program " + tool + " is not installed", "apt install " + debianPackage, null));
    }

    static Command run(String input, String... words) throws NetworkException {
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading all of it; its status and words say why.
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new NetworkException(words[0] + " did not end within " + SECONDS + " s", null, null);
            }
            return new Command(process.exitValue(), output.strip());
        } catch (IOException e) {
            throw new NetworkException(words[0] + " cannot be run: " + e.getMessage(), null, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NetworkException("interrupted while waiting for " + words[0], null, e);
        }
    }
}
