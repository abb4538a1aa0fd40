package trefoil.linux.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import trefoil.linux.ErrnoException;

class MemoryTest {
    /** Below 16 MiB, where a JVM puts nothing of its own: above, the archive of its classes lies at an address by chance. */
    private static final long ADDRESS = 0xC0_0000;

    @Test
    void codeInPagesAtAChosenAddressIsCalledWithItsArgument() throws ErrnoException {
        try (Pages pages = new Pages(ADDRESS, 8192)) {
            byte[] code = {(byte) 0xC7, 0x07, 0x78, 0x56, 0x34, 0x12, (byte) 0xC3}; // mov dword [rdi], 0x12345678; ret
            MemorySegment.copy(code, 0, pages.memory(), ValueLayout.JAVA_BYTE, 0, code.length);
            pages.executableAndWritable();
            NativeCode.call(ADDRESS, ADDRESS + 4096);
            assertThat(pages.memory().get(ValueLayout.JAVA_INT, 4096)).isEqualTo(0x1234_5678);
        }
    }

    @Test
    void pagesReplaceNothingAndAreGoneAfterClosing() throws ErrnoException, IOException {
        try (Pages pages = new Pages(ADDRESS + 0x10000, 4096)) {
            assertThat(pages.memory().address()).isEqualTo(ADDRESS + 0x10000);
            assertThatThrownBy(() -> new Pages(ADDRESS + 0x10000, 4096).close()).isInstanceOf(ErrnoException.class).hasMessageContaining("mmap");
            pages.executable();
            assertThat(maps("00c10000-")).contains("r-xp");
        }
        assertThat(maps("00c10000-")).isEmpty();
        assertThatThrownBy(() -> new Pages(ADDRESS + 1, 4096).close()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sharedMemoryIsAFileThatOthersCanReadAndIsNotDumped() throws ErrnoException, IOException {
        Path file;
        try (SharedMemory ram = new SharedMemory("guest ram", 1 << 20)) {
            ram.memory().set(ValueLayout.JAVA_LONG, 0xFFF8, 0x1122_3344_5566_7788L);
            file = Path.of(ram.file().path());
            byte[] seen = Files.readAllBytes(file);
            assertThat(seen).hasSize(1 << 20);
            assertThat(MemorySegment.ofArray(seen).get(ValueLayout.JAVA_LONG_UNALIGNED, 0xFFF8)).isEqualTo(0x1122_3344_5566_7788L);
            assertThat(maps(Long.toHexString(ram.memory().address()) + "-")).contains("rw-s").contains("memfd:guest ram");
            assertThat(flags(ram.memory().address())).contains("dd").contains("dc");
        }
        assertThat(Files.exists(file)).isFalse();
    }

    private static String maps(String start) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream().filter(line -> line.startsWith(start)).findFirst().orElse("");
    }

    /** VmFlags of the mapping that begins at {@code address}: proc_pid_smaps(5). */
    private static String flags(long address) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/smaps")).stream()
                .dropWhile(line -> !line.startsWith(Long.toHexString(address) + "-"))
                .filter(line -> line.startsWith("VmFlags"))
                .findFirst()
                .orElse("");
    }
}
