package trefoil.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes as messages show them. */
class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0,0 B", "1023,1023 B", "1024,1 KiB", "268435456,256 MiB", "1610612736,1.5 GiB", "25300000,24.1 MiB", "-5,-5 B", "-2048,-2 KiB",
        "9223372036854775807,8192 PiB"
    })
    void bytesInTheUnitOfFewestDigits(long bytes, String words) {
        assertThat(Sizes.words(bytes)).isEqualTo(words);
    }
}
