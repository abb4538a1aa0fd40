package trefoil.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {
    @Test
    void membersAreFoundBehindWhateverStandsBeforeThem() {
        JsonValue value = JsonValue.of(
                """
                 {"a" : {"status":"inner","x":["}","]"]}, "b\\"" : -1.5e3,
                  "quoted":"say \\"hi\\", \\\\","status":"running","none":null , "list":[1, {"name":"x"},[ ]], "empty":{}}
                """);
        assertThat(value.string("status")).isEqualTo("running");
        assertThat(value.string("quoted")).isEqualTo("say \"hi\", \\");
        assertThat(value.member("none")).isNull();
        assertThat(value.member("absent")).isNull();
        assertThat(value.member("statu")).isNull();
        assertThat(value.member("a").string("status")).isEqualTo("inner");
        assertThat(value.member("list").elements()).extracting(JsonValue::literal).containsExactly("1", "{\"name\":\"x\"}", "[ ]");
        assertThat(value.member("list").elements().get(2).elements()).isEmpty();
        assertThat(value.member("empty").members()).isEmpty();
        assertThat(value.members()).extracting(JsonValue.Member::name)
                .containsExactly("\"a\"", "\"b\\\"\"", "\"quoted\"", "\"status\"", "\"none\"", "\"list\"", "\"empty\"");
        assertThat(value.members().get(1).value().literal()).isEqualTo("-1.5e3");
    }

    @Test
    void escapesStandForTheirCharacters() {
        assertThat(JsonValue.of("\"\\u00e9\\ud83d\\ude00\\n\\t\\/\\b\\f\\r\u00fc\"").string()).isEqualTo("\u00e9\ud83d\ude00\n\t/\b\f\r\u00fc");
    }

    @Test
    void whatAdaptersWriteIsReadTheSame() {
        ImageBuild build = new ImageBuild("caf\u00e9 \"x\"\\\u0001", true);
        JsonValue value = JsonValue.of(JsonTypes.listOf(ImageBuild.class).toJson(List.of(build)));
        JsonValue element = value.elements().getFirst();
        assertThat(element.string("image")).isEqualTo(build.image());
        assertThat(JsonTypes.of(ImageBuild.class).fromJson(element.octets())).isEqualTo(build);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[1", "\"a", "\"a\\\"", "{}x", "1 2", "=", "\u00e9"})
    void whatIsNotOneValueIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonValue.of(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1,}", "{\"a\":}", "{\"a\":1]"})
    void membersOfWhatIsNoObjectAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonValue.of(text).members());
        assertThatIllegalArgumentException().isThrownBy(() -> JsonValue.of(text).member("absent"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,]", "[1 2]", "[,1]", "[1}"})
    void elementsOfWhatIsNoArrayAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonValue.of(text).elements());
    }
}
