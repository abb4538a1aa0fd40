package trefoil.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import trefoil.api.JsonValue;

class OutputTest {
    private static String printed(Consumer<PrintStream> print) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(octets, false, StandardCharsets.UTF_8)) {
            print.accept(out);
        }
        return octets.toString(StandardCharsets.UTF_8);
    }

    @Test
    void yamlKeepsApartWhatJsonKeepsApart() {
        String json = "{\"a\":\"true\",\"b\":true,\"c\":\"1\",\"d\":1,\"e\":\"\",\"f\":null,\"g\":\"x: y\",\"h\":\"No\",\"i\":\"a\\nb\",\"j\":{},\"k\":[[1,{\"l\":[]}],\"m\"]}";
        assertThat(printed(out -> Yaml.print(out, JsonValue.of(json)))).isEqualTo("""
                a: "true"
                b: true
                c: "1"
                d: 1
                e: ""
                f: null
                g: "x: y"
                h: "No"
                i: "a\\nb"
                j: {}
                k:
                  - - 1
                    - l: []
                  - m
                """);
        assertThat(printed(out -> Yaml.print(out, JsonValue.of("[]")))).isEqualTo("[]\n");
        assertThat(printed(out -> Yaml.print(out, JsonValue.of("\"x\"")))).isEqualTo("x\n");
    }

    @Test
    void jsonKeepsNumbersAsTheyWereWritten() {
        assertThat(printed(out -> PrettyJson.print(out, JsonValue.of("{\"a\":1700000000000001,\"b\":[1.50,-2e+3],\"c\":{},\"d\":\"\\\"\\\\\"}")))).isEqualTo("""
                {
                  "a": 1700000000000001,
                  "b": [
                    1.50,
                    -2e+3
                  ],
                  "c": {},
                  "d": "\\"\\\\"
                }
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1", "{\"a\"}", "{a:1}", "\"x", "\"x\\\"", "[1] 2", "[,]", "[1,]"})
    void noJson(String text) {
        assertThatThrownBy(() -> printed(out -> PrettyJson.print(out, JsonValue.of(text)))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void deepJsonIsRefusedAndNotAStackOverflow() {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        assertThatThrownBy(() -> printed(out -> PrettyJson.print(out, JsonValue.of(deep)))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("nests");
        assertThatThrownBy(() -> printed(out -> Yaml.print(out, JsonValue.of(deep)))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tablesMeasureCharactersNotOctets() {
        Table table = new Table(List.of("a", "used-by"), List.of(List.of("ä€", "x\nlong"), List.of("\t\033[1m", "")));
        assertThat(printed(table::printCompact)).isEqualTo("""
                A      USED BY
                ä€     x
                       long
                 ?[1m
                """);
    }

    @Test
    void csvQuotesWhatNeedsIt() {
        Table table = new Table(List.of("a", "b"), List.of(List.of("x,y", "say \"hi\"\nthere"), List.of("plain", "")));
        assertThat(printed(out -> Csv.print(out, table))).isEqualTo("\"x,y\",\"say \"\"hi\"\" there\"\nplain,\n");
    }

    @ParameterizedTest
    @CsvSource({"*, anything, true", "web*, web1, true", "web*, db1, false", "*b*1, web01, true", "?b1, db1, true", "?b1, b1, false", "'', '', true",
        "a*a, a, false", "*a*a*a*a*b, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, false", "db1, db10, false"})
    void patterns(String pattern, String value, boolean matches) {
        assertThat(Filter.matches(pattern, value)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "999, 999 ms", "1800, 1.8 s", "59999, 59.9 s", "60000, 1 min 0 s", "3700000, 1 h 1 min", "90000000, 1 d 1 h"})
    void spans(long millis, String text) {
        assertThat(Instants.span(millis)).isEqualTo(text);
    }

    @Test
    void textFromOutsideCannotSteerTheTerminal() {
        assertThat(Safe.line("a\033]0;x\007\nb\u202e\u009b")).isEqualTo("a?]0;x? b??");
        assertThat(Safe.lines("a\nb\r")).isEqualTo("a\nb?");
        assertThat(Safe.line(null)).isEmpty();
    }
}
