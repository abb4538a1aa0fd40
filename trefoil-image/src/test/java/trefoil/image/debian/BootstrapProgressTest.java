package trefoil.image.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import trefoil.image.ImageException.Reason;

class BootstrapProgressTest {
    private final List<String> told = new ArrayList<>();
    private final BootstrapProgress progress =
            new BootstrapProgress((phase, done, total, unit) -> told.add(phase + " " + done + "/" + total + " " + unit));

    private void lines(String text) {
        text.lines().forEach(progress::line);
    }

    @Test
    void countsWhatAptAnnouncedAndDid() {
        lines("""
                Setting up usr-is-merged (1) ...
                I: running apt-get update...
                Get:1 http://mirror.example/debian bookworm InRelease [151 kB]
                Get:2 http://mirror.example/debian bookworm/main amd64 Packages [8790 kB]
                I: downloading packages with apt...
                0 upgraded, 2 newly installed, 0 to remove and 1 not upgraded.
                Need to get 1,200 kB of archives.
                Get:1 http://mirror.example/debian bookworm/main amd64 libc6 amd64 2.36 [1000 kB]
                Get:2 http://mirror.example/debian bookworm/main amd64 base-files amd64 12.4 [204 kB]
                Setting up libc6:amd64 (2.36) ...
                Setting up base-files (12.4) ...
                1 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.
                Need to get 512 B of archives.
                Setting up dbus (1.14) ...
                I: running --customize-hook directly: x
                """);
        assertThat(told).containsExactly(
                "fetching package lists 0/0 bytes",
                "fetching package lists 151000/0 bytes",
                "fetching package lists 8941000/0 bytes",
                "downloading packages 1000000/1200000 bytes",
                "downloading packages 1200000/1200000 bytes",
                "installing packages 1/2 packages",
                "installing packages 2/2 packages",
                "installing packages 3/3 packages",
                "configuring 0/0 ");
    }

    @Test
    void failuresAreToldApart() {
        assertThat(reason("E: The repository 'http://x nosuch Release' does not have a Release file.")).isEqualTo(Reason.NOT_FOUND);
        assertThat(reason("W: GPG error: NO_PUBKEY 0E98404D386FA1D9")).isEqualTo(Reason.SOURCE_FAILED);
        assertThat(reason("E: Failed to fetch http://x  Could not resolve 'x'")).isEqualTo(Reason.SOURCE_FAILED);
        assertThat(reason("tar: write: No space left on device")).isEqualTo(Reason.DISK_FULL);
    }

    private static Reason reason(String line) {
        return DebianBuild.BootstrapFailure.of("debian:12", new DebianSuite("12", "bookworm"), 1, List.of(line)).reason();
    }

    @Test
    void tailIsBounded() {
        for (int i = 0; i < 1000; i++) {
            progress.line("E: " + i + "x".repeat(10_000));
        }
        assertThat(progress.tail()).hasSizeLessThan(20).allSatisfy(line -> assertThat(line).hasSizeLessThan(400));
    }
}
