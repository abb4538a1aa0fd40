package trefoil.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class SnippetsTest {
    @TempDir
    Path temp;

    @Test
    void eachHasItsName() {
        List<Snippet> all = Snippets.all();
        assertThat(all).extracting(Snippet::name).doesNotHaveDuplicates();
        assertThat(all).hasSizeGreaterThan(100);
        assertThat(all).allSatisfy(snippet -> assertThat(snippet.source()).startsWith("Intel SDM Vol. "));
        assertThat(all).filteredOn(snippet -> snippet.ending() != Snippet.Ending.SHUTDOWN).allSatisfy(snippet -> assertThat(snippet.expectations()).as(snippet.toString()).isNotEmpty());
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> Snippets.parse("x", "name a\nfrom b\nstart LONG64\nhex 90\nexpext rax = 1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Snippets.parse("x", "name a\nfrom b\nstart LONG64")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Snippets.parse("x", "name a\nfrom b\nstart LONG65\nhex 90")).isInstanceOf(IllegalArgumentException.class);
    }

    /** The assembly beside the octets says the same as they do. */
    @TestFactory
    Stream<DynamicTest> octetsAreThoseOfTheAssembly() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/as")), "needs GNU as and ld: apt-get install binutils");
        return Snippets.all().stream().map(snippet -> DynamicTest.dynamicTest(snippet.toString(), () -> assertThat(HexFormat.of().formatHex(assemble(snippet))).isEqualTo(HexFormat.of().formatHex(snippet.code()))));
    }

    private byte[] assemble(Snippet snippet) throws Exception {
        Path source = Files.writeString(temp.resolve("a.s"), ".intel_syntax noprefix\n.code" + snippet.start().bits() + "\n" + snippet.assembly());
        run("as", "--64", "-o", "a.o", source.toString());
        run("ld", "-Ttext=" + Long.toHexString(Rig.CODE), "-e", "0", "-o", "a.elf", "a.o");
        run("objcopy", "-O", "binary", "-j", ".text", "a.elf", "a.bin");
        return Files.readAllBytes(temp.resolve("a.bin"));
    }

    private void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(temp.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
