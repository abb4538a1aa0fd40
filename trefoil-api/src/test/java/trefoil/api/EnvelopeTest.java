package trefoil.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final String TEXT = "ä…\u0416 \uD83D\uDE00 \"quoted\" \\ \u0001";

    @Test
    void carriesEveryCharacterOfItsMetadata() {
        String metadata = JsonTypes.of(PlanStep.class).list().toJson(List.of(new PlanStep("host", TEXT, "why")));
        Envelope sent = new Envelope("sync", 200, null, metadata, null);
        byte[] octets = JsonTypes.of(Envelope.class).toJsonBytes(sent);
        Envelope received = JsonTypes.lenient(Envelope.class).fromJson(new String(octets, StandardCharsets.UTF_8));
        assertThat(JsonTypes.listOf(PlanStep.class).fromJson(received.metadata()).getFirst().call()).isEqualTo(TEXT);
    }

    @Test
    void leavesAsciiAlone() {
        assertThat(new Envelope("sync", 200, null, "{\"a\":1}", null).metadata()).isEqualTo("{\"a\":1}");
        assertThat(new Envelope("error", 500, null, null, null).metadata()).isNull();
    }
}
