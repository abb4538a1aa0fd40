package trefoil.image.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.image.ImageException;
import trefoil.image.ImageException.Reason;

class AptSourcesTest {
    private static final DebianSuite BOOKWORM = new DebianSuite("12", "bookworm");

    @TempDir
    Path apt;

    @BeforeEach
    void host() throws IOException {
        Files.createDirectories(apt.resolve("sources.list.d"));
        Files.writeString(apt.resolve("os-release"), "ID=debian\nVERSION_CODENAME=bookworm\n");
    }

    private AptSources sources() throws IOException {
        return AptSources.of(apt, apt.resolve("os-release"));
    }

    @Test
    void oneLineStyle() throws Exception {
        Files.writeString(apt.resolve("sources.list"), """
                # deb http://no.example/debian bookworm main
                deb-src http://a.example/debian bookworm main
                deb http://a.example/debian/ bookworm main contrib # the mirror
                deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://a.example/debian-security bookworm-security main
                """);
        assertThat(sources().forSuite(BOOKWORM)).isEqualTo("""
                Types: deb
                URIs: http://a.example/debian/
                Suites: bookworm
                Components: main contrib

                Types: deb
                URIs: http://a.example/debian-security
                Suites: bookworm-security
                Components: main
                Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

                """);
    }

    @Test
    void deb822StyleForAnotherSuite() throws Exception {
        Files.writeString(apt.resolve("sources.list.d/debian.sources"), """
                Types: deb deb-src
                # a comment within
                URIs: http://a.example/debian
                Suites: bookworm bookworm-updates bookworm-backports
                Components: main non-free-firmware
                Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

                Enabled: no
                Types: deb
                URIs: http://b.example/debian
                Suites: bookworm
                Components: main
                """);
        assertThat(sources().forSuite(new DebianSuite("13", "trixie")))
                .contains("Suites: trixie trixie-updates\n", "Components: main non-free-firmware\n")
                .doesNotContain("b.example", "backports");
        assertThat(sources().forSuite(new DebianSuite("11", "bullseye"))).contains("Suites: bullseye bullseye-updates\nComponents: main\n");
        assertThat(sources().forSuite(new DebianSuite("", "sid"))).contains("Suites: sid\n");
    }

    @Test
    void sourcesOfOthersAreLeftOut() throws Exception {
        Files.writeString(apt.resolve("sources.list.d/others.list"), """
                deb [signed-by=/etc/apt/keyrings/vendor.asc] https://vendor.example/linux/debian bookworm main
                deb https://vendor.example/packages bookworm main
                deb https://vendor.example/debian nodistro main
                deb https://vendor.example/debian bookworm stable
                deb [trusted=yes] https://vendor.example/debian bookworm main
                """);
        ImageException e = catchThrowableOfType(ImageException.class, () -> sources().forSuite(BOOKWORM));
        assertThat(e.reason()).isEqualTo(Reason.SOURCE_FAILED);
        assertThat(e).hasMessageContaining("no source of the Debian archive");
    }

    @Test
    void stableMeansWhateverIsAskedFor() throws Exception {
        Files.writeString(apt.resolve("sources.list"), "deb http://a.example/debian stable main\n");
        assertThat(sources().forSuite(BOOKWORM)).contains("Suites: bookworm\n");
    }

    @Test
    void releasesByNumberAndCodeName() throws Exception {
        Path none = apt.resolve("absent.csv");
        assertThat(DebianSuite.of("12", none)).isEqualTo(BOOKWORM);
        assertThat(DebianSuite.of("trixie", none).aliases()).containsExactly("debian:13", "debian:trixie");
        assertThat(DebianSuite.of("sid", none).aliases()).containsExactly("debian:sid");
        Path csv = Files.writeString(apt.resolve("debian.csv"), """
                version,codename,series,created,release,eol
                10,Buster,buster,2017-06-17,2019-07-06,2022-09-10
                15,Duke,duke,2027-08-01
                """);
        assertThat(DebianSuite.of("15", csv).codeName()).isEqualTo("duke");
        assertThat(catchThrowableOfType(ImageException.class, () -> DebianSuite.of("10", csv)).next()).contains("bookworm");
    }
}
