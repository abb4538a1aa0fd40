package trefoil.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import trefoil.linux.Errno;
import trefoil.linux.ErrnoException;

class OverwriteTest {
    @TempDir
    Path temporary;

    private void overwrite(Path file, String text) throws ErrnoException {
        Contents.overwrite(file.toString(), text.getBytes(StandardCharsets.UTF_8), 0600);
    }

    @Test
    void aFileHoldsTheNewTextAloneWhetherItWasLongerOrShorterOrNotThere() throws Exception {
        Path file = temporary.resolve("file");
        for (String text : new String[] {"first", "a longer one", "short", ""}) {
            overwrite(file, text);
            assertThat(file).hasContent(text);
        }
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path target = Files.writeString(temporary.resolve("target"), "untouched");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), target);
        assertThatThrownBy(() -> overwrite(link, "new"))
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
        assertThat(target).hasContent("untouched");
    }
}
