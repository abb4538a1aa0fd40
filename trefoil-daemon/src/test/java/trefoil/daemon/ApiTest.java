package trefoil.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import trefoil.daemon.Wire.Answer;

/** The API as it stands on the wire, and as it is written down. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiTest {
    private static final Path API = Path.of("../trefoil-api/src/main");

    private final World world = new World();
    private StateDirectory directory;
    private Daemon daemon;
    private Wire wire;

    @BeforeAll
    void begin(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = StateDirectory.at(temporary);
        daemon = Daemon.start(directory, World.CONFIGURATION, world.parts(step -> {}));
        wire = new Wire(directory.socket());
    }

    @AfterAll
    void end() throws IOException {
        daemon.close();
    }

    private Answer send(String line, String body) throws IOException {
        return wire.send(line, body);
    }

    private TreeMap<String, String> served() {
        TreeMap<String, String> routes = new TreeMap<>();
        daemon.routes().forEach(route -> routes.put(route.method() + " " + route.template(), route.description()));
        return routes;
    }

    @Test
    void routesAreThoseOfTheContract() throws IOException {
        String source = Files.readString(API.resolve("java/trefoil/api/Routes.java"));
        TreeSet<String> documented = new TreeSet<>();
        Matcher row = Pattern.compile("<tr><td>(GET|POST|PUT|PATCH|DELETE) ([^<\\[?]+)").matcher(source);
        while (row.find()) {
            documented.add(row.group(1) + " " + row.group(2).strip());
        }
        assertThat(documented).hasSizeGreaterThan(30).isEqualTo(new TreeSet<>(served().keySet()));
    }

    @Test
    void openapiHasTheRoutesAndTheirDescriptions() throws IOException {
        TreeMap<String, String> documented = new TreeMap<>();
        String path = "";
        String method = "";
        for (String line : Files.readAllLines(API.resolve("resources/openapi.yaml"))) {
            if (line.matches("  /.*:")) {
                path = line.strip().replaceAll(":$", "");
            } else if (line.matches("    (get|post|put|patch|delete):")) {
                method = line.strip().replaceAll(":$", "").toUpperCase(java.util.Locale.ROOT);
            } else if (line.matches("      summary: .*")) {
                documented.put(method + " " + path, line.replaceAll(".*summary: \"(.*)\"", "$1"));
            }
        }
        assertThat(documented).isEqualTo(served());
    }

    @Test
    void openapiHasTheRecordsAndTheirMembers() throws IOException, ClassNotFoundException {
        Map<String, List<String>> documented = schemas();
        TreeSet<String> records = new TreeSet<>();
        try (var sources = Files.list(API.resolve("java/trefoil/api"))) {
            for (Path source : sources.toList()) {
                String name = source.getFileName().toString().replace(".java", "");
                if (Files.readString(source).contains("public record " + name + "(")) {
                    records.add(name);
                    Class<?> type = Class.forName("trefoil.api." + name);
                    List<String> members =
                            Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
                    assertThat(documented.get(name)).as(name).isEqualTo(members);
                }
            }
        }
        TreeSet<String> objects = new TreeSet<>(documented.keySet());
        objects.removeIf(name -> documented.get(name).isEmpty());
        assertThat(objects).isEqualTo(records);
    }

    private static Map<String, List<String>> schemas() throws IOException {
        Map<String, List<String>> schemas = new TreeMap<>();
        String name = null;
        boolean inSchemas = false;
        for (String line : Files.readAllLines(API.resolve("resources/openapi.yaml"))) {
            inSchemas |= line.equals("  schemas:");
            if (inSchemas && line.matches("    \\w+:")) {
                name = line.strip().replace(":", "");
                schemas.put(name, new java.util.ArrayList<>());
            } else if (inSchemas && name != null && line.matches("        \\w+:.*")) {
                schemas.get(name).add(line.strip().replaceAll(":.*", ""));
            }
        }
        return schemas;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{`name`:`a`,`foo`:1}|foo: unknown member",
        "{`name`:`a`,`limits`:{`memory`:1}}|limits.memory: unknown member",
        "{`name`:`a`,`limits`:{`pids`:`1`}}|limits.pids: a whole number is expected",
        "{`name`:`a`,`limits`:{`pids`:1.5}}|limits.pids: 1.5 is not a whole number",
        "{`name`:`a`,`limits`:{`pids`:99999999999999999999}}|limits.pids: 99999999999999999999 is beyond",
        "{`name`:`a`,`limits`:{`cpuWeight`:3000000000}}|limits.cpuWeight: 3000000000 is beyond",
        "{`name`:`a`,`limits`:{`pids`:1e999999999999}}|limits.pids: 1e999999999999 is not a whole number",
        "{`name`:`a`,`limits`:{`pids`:01}}|limits.pids: '01' is not a number",
        "{`name`:`a`,`kind`:`vm`}|kind: 'vm' is not one of full",
        "{`name`:`a`,`ports`:[{`hostPort`:1,`serverPort`:`x`}]}|ports[0].serverPort: a whole number is expected",
        "{`name`:`a`,`ports`:[null]}|ports[0]: null is not allowed",
        "{`name`:`a`,`command`:`sh`}|command: a list is expected",
        "{`name`:`a`,`autostart`:`yes`}|autostart: true or false is expected",
        "{`name`:`a`,`environment`:{`A`:1}}|environment.A: a text is expected",
        "{`name`:`a`,`name`:`b`}|name: it is given twice",
        "{`name`:`a` `image`:`b`}|'}' is expected at character 13",
        "{`name`:`a`|the JSON ends too early",
        "{`name`:`a`} x|something follows the end",
        "{`name`:`\\x`}|name: a text holds a malformed escape",
        "[]|an object is expected",
        "null|null is not allowed",
        "nul|not JSON",
        "``|a text",
    })
    void malformedBodiesAreRefusedByTheMember(String json, String words) throws IOException {
        if (json == null || json.isEmpty()) {
            return;
        }
        Answer answer = send("POST /1.0/servers HTTP/1.1", json.replace('`', '"'));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains(words);
    }

    @Test
    void deepAndLargeBodiesAreRefused() throws IOException {
        Answer deep = send("POST /1.0/servers HTTP/1.1", "{\"limits\":" + "{\"limits\":".repeat(50_000));
        assertThat(deep.status()).isEqualTo(400);
        Answer large = send("POST /1.0/servers HTTP/1.1", "{\"description\":\"" + "x".repeat(2 << 20) + "\"}");
        assertThat(large.status()).isEqualTo(413);
        Answer empty = send("POST /1.0/servers HTTP/1.1", "");
        assertThat(empty.text()).contains("the body is empty");
        Answer latin = wire.send("POST /1.0/servers HTTP/1.1", new byte[] {'"', (byte) 0xff, '"'});
        assertThat(latin.text()).contains("not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/,404", "GET,/1.0/nothing,404", "GET,/1.0/servers/none,404", "GET,/1.0/servers/,200", "PUT,/1.0,405",
        "DELETE,/1.0/servers,405", "GET,/1.0/servers//state,400", "GET,/1.0/operations/x,404", "GET,/1.0/images/library%2Fx,404",
        "GET,/1.0/networks/none,404", "GET,/1.0/events,400", "GET,/1.0/servers/a%zz,400", "GET,/1.0/../etc/passwd,404",
        "GET,/1.0/operations/x/wait?timeout=abc,404", "POST,/1.0/servers?start=maybe,400", "POST,/1.0/servers?wait=forever,400",
        "GET,/1.0/servers/none/files?path=/x,404", "GET,/1.0/servers/none/exec/1,404"
    })
    void statusTellsWhatIsWrong(String method, String path, int status) throws IOException {
        Answer answer = send(method + " " + path + " HTTP/1.1", "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        if (status == 405) {
            assertThat(answer.text()).contains("Allow: ");
        }
    }

    @Test
    void headHasNoBody() throws IOException {
        Answer head = send("HEAD /1.0 HTTP/1.1", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.text()).contains("Content-Length: ").endsWith("\r\n\r\n");
    }

    @Test
    void textsKeepTheirCharacters() throws IOException {
        Answer made = send("POST /1.0/servers?start=true HTTP/1.1", "{\"name\":\"umlaut\",\"image\":\"debian:12\",\"description\":\"gr\u00fc\u00df \ud83d\ude00\"}");
        String wait = made.text().replaceAll("(?s).*\"operation\":\"([^\"]*)\".*", "$1");
        send("GET " + wait + "/wait HTTP/1.1", "");
        assertThat(send("GET /1.0/servers/umlaut HTTP/1.1", "").text()).contains("gr\\u00fc\\u00df \\ud83d\\ude00");
    }

    @Test
    void everyErrorIsAnEnvelope() throws IOException {
        assertThat(wire.send("GARBAGE\r\n\r\n".getBytes(StandardCharsets.US_ASCII)).text()).contains("\"type\":\"error\"");
        assertThat(send("GET /1.0/a//b HTTP/1.1", "").text()).contains("\"type\":\"error\"");
        Answer answer = send("GET /1.0/servers/none HTTP/1.1", "");
        assertThat(answer.text()).contains("\"type\":\"error\"", "\"code\":\"not-found\"", "\"next\":\"trefoil list\"");
    }

    @Test
    void socketIsClosedToOthers() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.socket()))).isEqualTo("rw-rw----");
    }

    @Test
    void hostDescribesItself() throws IOException {
        assertThat(send("GET /1.0 HTTP/1.1", "").text()).contains("\"kinds\":[\"os\"]", "\"directory\":\"" + directory.state());
        assertThat(send("GET /1.0/resources HTTP/1.1", "").text()).contains("\"cpus\":8", "\"cpuReserved\":0.4", "\"cgroup\":\"hybrid\"");
        assertThat(send("GET /1.0/doctor HTTP/1.1", "").text()).contains("user namespaces", "undo journal", "disk space");
    }
}
