package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import trefoil.daemon.Wire.Answer;

/**
 * Bodies that are not what a route documents, on every route that documents one: each is answered 400 with one error that
 * says what is wrong and what to do next; never 500, never silence.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MalformedBodiesTest {
    private static final String LIMITS = "{`cpuWeight`:100,`cpuCap`:1.5,`memoryGuarantee`:1048576,`memoryCap`:268435456,`swapCap`:0,`pids`:99,"
            + "`disk`:null,`ioReadRate`:1000000,`ioWriteRate`:1000000,`networkReceiveRate`:8000000,`networkTransmitRate`:8000000}";
    private static final String SERVER = "`image`:`debian:12`,`kind`:`os`,`limits`:" + LIMITS + ",`network`:`default`,"
            + "`ports`:[{`protocol`:`tcp`,`hostAddress`:`127.0.0.1`,`hostPort`:8080,`serverPort`:80}],`command`:[`/bin/sh`,`-c`],"
            + "`environment`:{`A`:`b`},`autostart`:false,`restart`:`never`,`nesting`:false,`ephemeral`:false,`description`:`\\u00fc`}";
    /** Stands for any value: an object's, a list's, a text's, a number's. */
    private static final List<String> VALUES = List.of(
            "null", "true", "false", "0", "-0", "-1", "1.5", "1e400", "-1e999999999", "9223372036854775807", "9223372036854775808",
            "1".repeat(39), "1".repeat(5000), "0x10", "01", "+1", ".5", "1.", "1e", "NaN", "Infinity", "-", "``", "`x`", "`\\u0000`", "`\\ud800`",
            "`\\u12`", "`\\x`", "`" + "y".repeat(70_000) + "`", "'x'", "x", "{}", "{`a`:null}", "{`a`:{}}", "{`a`}", "{,}", "{`a`:1,}", "[]", "[null]",
            "[1]", "[``]", "[[]]", "[{}]", "[,]", "[1,]", "[1 2]", "//", "/**/1", "[".repeat(10_000), "{`a`:".repeat(10_000),
            "[".repeat(10_000) + "]".repeat(10_000), "\u0000", "\ufeff", "");

    private final World world = new World();
    private Daemon daemon;
    private Wire wire;

    /**
     * A route with a body of JSON.
     *
     * @param documented its method and template
     * @param line a request line for it
     * @param body a body that it takes, with a value for every member, in backquotes
     */
    record Body(String documented, String line, String body) {
        String json() {
            return body.replace('`', '"');
        }

        @Override
        public String toString() {
            return documented;
        }
    }

    static Stream<Body> bodies() {
        return Stream.of(
                new Body("POST /1.0/servers", "POST /1.0/servers HTTP/1.1", "{`name`:`made`," + SERVER),
                new Body("POST /1.0/plan", "POST /1.0/plan HTTP/1.1", "{`name`:`made`," + SERVER),
                new Body("PATCH /1.0/servers/{name}", "PATCH /1.0/servers/there HTTP/1.1", "{`name`:`there`," + SERVER),
                new Body("POST /1.0/servers/{name}/rename", "POST /1.0/servers/absent/rename HTTP/1.1", "{`name`:`other`}"),
                new Body("PUT /1.0/servers/{name}/state", "PUT /1.0/servers/there/state HTTP/1.1",
                        "{`action`:`resume`,`force`:false,`timeoutSeconds`:1}"),
                new Body("POST /1.0/servers/{name}/exec", "POST /1.0/servers/there/exec HTTP/1.1",
                        "{`command`:[`true`],`environment`:{`A`:`b`},`user`:`root`,`directory`:`/`,`terminal`:false,`columns`:80,`rows`:24,"
                                + "`interactive`:false}"),
                new Body("POST /1.0/images/build", "POST /1.0/images/build HTTP/1.1", "{`image`:`debian:12`,`force`:false}"),
                new Body("POST /1.0/networks", "POST /1.0/networks HTTP/1.1",
                        "{`name`:`made`,`ipv4`:`10.99.0.1/24`,`ipv6`:`none`,`nat`:true,`domain`:`d`,`bridge`:`b`,`usedBy`:[`x`],`description`:`d`}"));
    }

    @BeforeAll
    void begin(@TempDir Path temporary) throws IOException, InterruptedException {
        StateDirectory directory = StateDirectory.at(temporary);
        daemon = Daemon.start(directory, World.CONFIGURATION, world.parts(step -> {}));
        wire = new Wire(directory.socket());
        String made = wire.send("POST /1.0/servers HTTP/1.1", "{\"name\":\"there\",\"image\":\"debian:12\"}").text();
        String operation = made.replaceAll("(?s).*\"operation\":\"([^\"]*)\".*", "$1");
        assertThat(wire.send("GET " + operation + "/wait HTTP/1.1", "").text()).contains("\"status\":\"success\"");
    }

    @AfterAll
    void end() throws IOException {
        daemon.close();
    }

    /** What was taken and done later did not fail as the daemon's fault either. */
    @AfterEach
    void noOperationFailedInternally() throws IOException {
        assertThat(wire.send("GET /1.0/operations HTTP/1.1", "").text()).doesNotContain("\"code\":\"internal\"");
    }

    private static void isRefused(Answer answer, String body) {
        String shown = body.length() > 300 ? body.substring(0, 300) + "…" : body;
        assertThat(answer.status()).as("%s%n%s", shown, answer.text()).isEqualTo(400);
        assertThat(answer.text()).as(shown).contains("\"type\":\"error\"", "\"message\":\"", "\"next\":\"");
    }

    /** No failure of the daemon: it is taken, or refused for a reason of the client's. */
    private static void isNoFailure(Answer answer, byte[] body) {
        assertThat(answer.status()).as("%s%n%s", new String(body, 0, Math.min(300, body.length), StandardCharsets.ISO_8859_1), answer.text())
                .isNotIn(0, 500, 503, 504);
        assertThat(answer.text()).contains("\"type\":\"");
    }

    @Test
    void theseAreAllRoutesWithBodies() throws IOException {
        Matcher row = Pattern.compile("<tr><td>((?:POST|PUT|PATCH) [^<\\[?]+)[^<]*</td><td>\\{@link (\\w+)\\}")
                .matcher(Files.readString(Path.of("../trefoil-api/src/main/java/trefoil/api/Routes.java")));
        TreeSet<String> documented = new TreeSet<>();
        while (row.find()) {
            documented.add(row.group(1).strip());
        }
        assertThat(bodies().map(Body::documented)).containsExactlyInAnyOrderElementsOf(documented);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aTruncatedBodyIsRefused(Body route) throws IOException {
        byte[] whole = route.json().getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            isRefused(wire.send(route.line(), part), new String(part, StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aBodyThatEndsBeforeItsLengthIsRefused(Body route) throws IOException {
        byte[] whole = route.json().getBytes(StandardCharsets.UTF_8);
        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1, whole.length}) {
            byte[] part = Arrays.copyOf(whole, length);
            Answer longer = wire.send(route.line(), "Content-Length: " + (whole.length + 7), part);
            assertThat(longer.status()).as(longer.text()).isEqualTo(400);
            byte[] chunk = (Integer.toHexString(whole.length + 7) + "\r\n" + new String(part, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            Answer chunked = wire.send(route.line(), "Transfer-Encoding: chunked", chunk);
            assertThat(chunked.status()).as(chunked.text()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aMemberOfAnotherTypeIsNoFailure(Body route) throws IOException {
        for (int[] place : values(route.json())) {
            for (String value : VALUES) {
                String body = route.json().substring(0, place[0]) + value.replace('`', '"') + route.json().substring(place[1]);
                isNoFailure(wire.send(route.line(), body), body.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void otherValuesThanAnObjectAreRefused(Body route) throws IOException {
        for (String value : VALUES) {
            String body = value.replace('`', '"');
            if (!body.equals("{}")) {
                isRefused(wire.send(route.line(), body), body);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aMemberGivenTwiceOrUnknownIsRefused(Body route) throws IOException {
        Matcher name = Pattern.compile("\"(\\w+)\":").matcher(route.json());
        while (name.find()) {
            String before = route.json().substring(0, name.start());
            String after = route.json().substring(name.start());
            String twice = before + '"' + name.group(1) + "\":null," + after;
            isRefused(wire.send(route.line(), twice), twice);
            String escaped = before + "\"\\u00" + Integer.toHexString(name.group(1).charAt(0)) + name.group(1).substring(1) + "\":null," + after;
            isRefused(wire.send(route.line(), escaped), escaped);
            if (!before.endsWith("environment\":{")) {
                String unknown = before + "\"unheardOf\":null," + after;
                isRefused(wire.send(route.line(), unknown), unknown);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void octetsThatAreNotUtf8AreRefused(Body route) throws IOException {
        byte[] whole = route.json().getBytes(StandardCharsets.UTF_8);
        byte[][] wrong = {{(byte) 0x80}, {(byte) 0xff}, {(byte) 0xc3}, {(byte) 0xc0, (byte) 0x80}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80}};
        for (int at = 0; at <= whole.length; at += 7) {
            for (byte[] octets : wrong) {
                byte[] body = ByteBuffer.allocate(whole.length + octets.length).put(whole, 0, at).put(octets).put(whole, at, whole.length - at).array();
                isRefused(wire.send(route.line(), body), "octet " + at);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void octetsChangedAtRandomAreNoFailure(Body route) throws IOException {
        byte[] likely = "\"\\{}[],:0-9eE.ntfu \u0000\u001f\u007f".getBytes(StandardCharsets.US_ASCII);
        Random random = new Random(25);
        for (int round = 0; round < 600; round++) {
            byte[] body = route.json().getBytes(StandardCharsets.UTF_8);
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                body[random.nextInt(body.length)] = random.nextInt(3) == 0 ? (byte) random.nextInt() : likely[random.nextInt(likely.length)];
            }
            isNoFailure(wire.send(route.line(), body), body);
        }
    }

    /** Where the values in a JSON text begin and end: those of members, and the elements of lists. */
    private static List<int[]> values(String json) {
        List<int[]> values = new ArrayList<>();
        for (int at = 1; at < json.length(); at++) {
            char before = json.charAt(at - 1);
            boolean begins = before == ':' || before == '[' || before == ',' && "{[".indexOf(json.charAt(at)) >= 0;
            if (begins && !insideText(json, at)) {
                values.add(new int[] {at, valueEnd(json, at)});
            }
        }
        return values;
    }

    private static boolean insideText(String json, int at) {
        return json.substring(0, at).chars().filter(c -> c == '"').count() % 2 == 1;
    }

    private static int valueEnd(String json, int at) {
        int depth = 0;
        for (int end = at; ; end++) {
            char c = json.charAt(end);
            if (insideText(json, end)) {
                continue;
            }
            if (depth == 0 && end > at && ",]}".indexOf(c) >= 0) {
                return end;
            }
            depth += "[{".indexOf(c) >= 0 ? 1 : "]}".indexOf(c) >= 0 ? -1 : 0;
        }
    }
}
