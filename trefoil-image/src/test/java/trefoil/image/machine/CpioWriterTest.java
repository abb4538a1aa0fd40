package trefoil.image.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;

class CpioWriterTest {
    private static byte[] archive() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CpioWriter cpio = new CpioWriter(out)) {
            cpio.directory("dev", 0755);
            cpio.characterDevice("dev/console", 0600, 5, 1);
            cpio.file("init", 0755, "hello".getBytes(StandardCharsets.UTF_8));
            cpio.link("sh", "busybox");
        }
        return out.toByteArray();
    }

    @Test
    void anotherReaderFindsEveryEntry() throws Exception {
        List<String> found = new ArrayList<>();
        try (CpioArchiveInputStream in = new CpioArchiveInputStream(new ByteArrayInputStream(archive()))) {
            for (CpioArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                found.add(e.getName() + " " + Long.toOctalString(e.getMode()) + " " + e.getUID() + ":" + e.getGID() + " " + e.getTime() + " " + content);
                if (e.getName().equals("dev/console")) {
                    assertThat(e.getRemoteDeviceMaj()).isEqualTo(5);
                    assertThat(e.getRemoteDeviceMin()).isEqualTo(1);
                }
            }
        }
        assertThat(found).containsExactly("dev 40755 0:0 0 ", "dev/console 20600 0:0 0 ", "init 100755 0:0 0 hello", "sh 120777 0:0 0 busybox");
    }

    @Test
    void bytesAreThoseOfTheFormat() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CpioWriter cpio = new CpioWriter(out)) {
            cpio.file("ab", 0644, new byte[] {'x'});
        }
        String zero = "00000000";
        String numbers = "00000001" + "000081a4" + zero + zero + "00000001" + zero + "00000001" + zero + zero + zero + zero + "00000003" + zero;
        assertThat(out.toString(StandardCharsets.ISO_8859_1)).startsWith("070701" + numbers + "ab\0" + "\0\0\0" + "x\0\0\0" + "070701").contains("TRAILER!!!\0");
        assertThat(out.size() % 4).isZero();
        assertThat(archive()).isEqualTo(archive());
    }
}
