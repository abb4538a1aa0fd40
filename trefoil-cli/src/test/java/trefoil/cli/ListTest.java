package trefoil.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListTest extends CommandLineTest {
    private static final String SERVERS = """
            [{"name":"db1","kind":"os","status":"running","usable":true,"image":"debian:12","fingerprint":"ab","os":"Debian 12",
              "addresses":["10.77.0.5","fd77::5"],"pid":42,"created":1,"config":{"name":"db1","image":"debian:12",
              "limits":{"memoryCap":536870912,"cpuCap":1.5},"ports":[{"protocol":"tcp","hostPort":8080,"serverPort":80}]}},
             {"name":"tiny","kind":"os","status":"stopped","usable":false,"image":"busybox","fingerprint":"cd","os":"Busy\\u001b[31mBox",
              "addresses":[],"created":1,"config":{"name":"tiny","image":"busybox","description":"a, \\"b\\""}}]
            """;

    @BeforeEach
    void twoServers() {
        daemon.answer("GET /1.0/servers", SERVERS);
    }

    @Test
    void table() {
        assertThat(trefoil("list")).isZero();
        assertThat(out()).isEqualTo("""
                +------+------+---------+-----------+-----------+
                | NAME | KIND | STATUS  | IMAGE     | ADDRESSES |
                +------+------+---------+-----------+-----------+
                | db1  | os   | running | debian:12 | 10.77.0.5 |
                |      |      |         |           | fd77::5   |
                +------+------+---------+-----------+-----------+
                | tiny | os   | stopped | busybox   |           |
                +------+------+---------+-----------+-----------+
                """);
        assertThat(err()).isEmpty();
    }

    @Test
    void compact() {
        assertThat(trefoil("ls", "-f", "compact", "-c", "name,status,ipv4,memory,cpus,ports")).isZero();
        assertThat(out()).isEqualTo("""
                NAME  STATUS   IPV4       MEMORY   CPUS  PORTS
                db1   running  10.77.0.5  512 MiB  1.5   8080:80
                tiny  stopped
                """);
    }

    @Test
    void csv() {
        assertThat(trefoil("list", "--format=csv", "--columns=+description")).isZero();
        assertThat(out()).isEqualTo("""
                db1,os,running,debian:12,10.77.0.5 fd77::5,
                tiny,os,stopped,busybox,,"a, ""b""\"
                """);
    }

    @Test
    void json() {
        assertThat(trefoil("list", "-f", "json", "name=t*")).isZero();
        assertThat(out()).isEqualTo("""
                [
                  {
                    "name": "tiny",
                    "kind": "os",
                    "status": "stopped",
                    "usable": false,
                    "image": "busybox",
                    "fingerprint": "cd",
                    "os": "Busy\\u001b[31mBox",
                    "addresses": [],
                    "created": 1,
                    "config": {
                      "name": "tiny",
                      "image": "busybox",
                      "description": "a, \\"b\\""
                    }
                  }
                ]
                """);
    }

    @Test
    void jsonOfNothingIsAnEmptyArray() {
        assertThat(trefoil("list", "-f", "json", "status=paused")).isZero();
        assertThat(out()).isEqualTo("[]\n");
    }

    @Test
    void yaml() {
        assertThat(trefoil("list", "-f", "yaml", "db1")).isZero();
        assertThat(out()).isEqualTo("""
                - name: db1
                  kind: os
                  status: running
                  usable: true
                  image: "debian:12"
                  fingerprint: ab
                  os: "Debian 12"
                  addresses:
                    - "10.77.0.5"
                    - "fd77::5"
                  pid: 42
                  created: 1
                  config:
                    name: db1
                    image: "debian:12"
                    limits:
                      memoryCap: 536870912
                      cpuCap: 1.5
                    ports:
                      - protocol: tcp
                        hostPort: 8080
                        serverPort: 80
                """);
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() {
        assertThat(trefoil("list", "-c", "os")).isZero();
        assertThat(out()).contains("Busy?[31mBox").doesNotContain("\033");
    }

    @Test
    void filtersMustAllBeMetAndMayListAlternatives() {
        assertThat(trefoil("list", "-f", "csv", "-c", "name", "status=running,stopped", "kind=os", "name=d?1")).isZero();
        assertThat(out()).isEqualTo("db1\n");
    }

    @Test
    void wrongWordsAreUsageErrorsAndNameTheNearest() {
        assertThat(trefoil("list", "statsu=running")).isEqualTo(2);
        assertThat(err()).isEqualTo("""
                error: there is no column "statsu" to filter by; did you mean status?
                try: COLUMN=VALUE with one of name, kind, status, usable, image, os, addresses, ipv4, ipv6, pid, created, started, memory, \
                cpus, disk, network, ports, restart, autostart, description, error, fingerprint
                """);
        assertThat(trefoil("list", "-c", "nam")).isEqualTo(2);
        assertThat(err()).contains("did you mean name?");
        assertThat(trefoil("list", "-f", "xml")).isEqualTo(2);
        assertThat(trefoil("list", "--fromat", "json")).isEqualTo(2);
        assertThat(err()).contains("there is no option \"--fromat\"; did you mean --format?");
        assertThat(trefoil("lsit")).isEqualTo(2);
        assertThat(err()).contains("did you mean list?");
        assertThat(daemon.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ps, list", "run, launch", "images, image list", "shell, exec", "unpause, resume", "destroy, delete --force"})
    void wordsOfOtherToolsAreToldOurs(String word, String ours) {
        assertThat(trefoil(word, "x")).isEqualTo(2);
        assertThat(err()).startsWith("error: there is no command \"" + word + "\"\n").contains("try: trefoil ", "trefoil " + ours);
    }

    @Test
    void helpIsData() {
        assertThat(trefoil("list", "--help")).isZero();
        assertThat(out()).contains("Lists servers", "--format");
        assertThat(trefoil("--help")).isZero();
        assertThat(out()).contains("launch", "image build", "demo", "bench");
        assertThat(trefoil()).isEqualTo(2);
        assertThat(out()).isEmpty();
    }
}
