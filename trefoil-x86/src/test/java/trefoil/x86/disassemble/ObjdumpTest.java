package trefoil.x86.disassemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import trefoil.x86.decode.CodeSize;
import trefoil.x86.encode.EncodingSampler;
import trefoil.x86.isa.InstructionTable;
import trefoil.x86.isa.Row;

/**
 * Our disassembly against objdump's: text and length. A longer run: {@code mvn test -pl trefoil-x86 -Dtest=ObjdumpTest -Dtrefoil.x86.samples=60 -Dtrefoil.x86.random=200000
 * -Dtrefoil.x86.seed=78 -Dtrefoil.x86.files=/usr/lib/x86_64-linux-gnu/libcrypto.so.3:vmlinux}. {@link Normal} says what is brought to one form before, {@link Differences} where ours is
 * right all the same.
 */
class ObjdumpTest {
    private static final int SAMPLES_OF_A_ROW = Integer.getInteger("trefoil.x86.samples", 12);
    private static final long SEED = Long.getLong("trefoil.x86.seed", 1);

    @BeforeEach
    void needsObjdump() {
        Assumptions.assumeTrue(Files.isExecutable(Objdump.PROGRAM), "needs objdump: Debian package binutils");
    }

    @ParameterizedTest
    @EnumSource(CodeSize.class)
    void everyRowReadsAsObjdumpHasIt(CodeSize size) throws IOException {
        List<byte[]> samples = new ArrayList<>();
        EncodingSampler sampler = new EncodingSampler(new Random(SEED));
        for (Row row : InstructionTable.rows()) {
            for (int i = 0; i < SAMPLES_OF_A_ROW && row.existsIn(size == CodeSize.BITS64); i++) {
                samples.add(sampler.sample(row, size));
            }
        }
        List<Objdump.Line> lines = Objdump.each(samples, size);
        assertThat(lines).hasSameSizeAs(samples);
        Comparison comparison = new Comparison(size);
        for (int i = 0; i < samples.size(); i++) {
            comparison.compare(lines.get(i), samples.get(i));
        }
        assertThat(comparison.compared()).isGreaterThan(10_000);
        assertThat(comparison.report()).as("%d of %d differ", comparison.different(), comparison.compared()).isEmpty();
    }

    /** Files to read besides; all of them in a long run: -Dtrefoil.x86.files=/usr/bin/gcc:/usr/lib/x86_64-linux-gnu/libcrypto.so.3. */
    @Test
    void realCodeReadsAsObjdumpHasIt() throws IOException {
        List<Path> files = Arrays.stream(System.getProperty("trefoil.x86.files", "/bin/bash").split(":")).map(Path::of).toList();
        Comparison comparison = new Comparison(CodeSize.BITS64);
        for (Path file : files) {
            Objdump.elf(file, line -> comparison.compare(line, line.octets()));
        }
        assertThat(comparison.compared()).isGreaterThan(Long.getLong("trefoil.x86.atLeast", 100_000));
        assertThat(comparison.report()).as("%d of %d differ", comparison.different(), comparison.compared()).isEmpty();
    }

    /** Random octets: undefined encodings, lengths and prefixes in any order. */
    @ParameterizedTest
    @EnumSource(CodeSize.class)
    void randomOctetsReadAsObjdumpHasThem(CodeSize size) throws IOException {
        Random random = new Random(SEED);
        List<byte[]> samples = new ArrayList<>();
        for (int i = 0; i < Integer.getInteger("trefoil.x86.random", 20_000); i++) {
            byte[] octets = new byte[15];
            random.nextBytes(octets);
            if (i % 2 == 0) {
                octets[0] = 0x0F;
            }
            samples.add(octets);
        }
        List<Objdump.Line> lines = Objdump.each(samples, size);
        Comparison comparison = new Comparison(size);
        for (int i = 0; i < samples.size(); i++) {
            comparison.compare(lines.get(i), samples.get(i));
        }
        assertThat(comparison.lonePrefixes()).isLessThan(comparison.compared() / 100);
        assertThat(comparison.report()).as("%d of %d differ", comparison.different(), comparison.compared()).isEmpty();
    }
}
