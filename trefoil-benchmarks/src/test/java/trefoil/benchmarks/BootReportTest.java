package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import trefoil.vmm.control.MachineStatus;

class BootReportTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void timeIsDividedAmongWhatTheProcessorDid() {
        BootRun run = own(10);
        assertThat(run.neither()).isEqualTo(3 * SECOND);
        assertThat(run.others()).isEqualTo(2 * SECOND);
        assertThat(run.mips()).isEqualTo(100, within(1e-9));
    }

    @Test
    void theLastLinesAreTheRatiosOfMedians() {
        BootReport report = new BootReport();
        List.of(9, 10, 20).forEach(seconds -> report.own(BootCase.TINY, own(seconds)));
        List.of(4, 5, 6).forEach(seconds -> report.peer(BootCase.TINY, peer(seconds)));
        report.own(BootCase.DEBIAN, own(30));
        report.peer(BootCase.DEBIAN, peer(20));
        assertThat(report.ratio(BootCase.TINY)).hasValue(2);
        assertThat(report.table().strip()).endsWith(String.format("ratio tiny boot/qemu tcg: 2.00%nratio debian boot/qemu tcg: 1.50"));
    }

    @Test
    void tableShowsShares() {
        BootReport report = new BootReport();
        report.own(BootCase.TINY, own(10));
        assertThat(report.table().lines())
                .anyMatch(line -> line.matches("trefoil +1 +10\\.00 +10\\.00 +10\\.00 +1\\.00 +2\\.00 +8\\.00"))
                .anyMatch(line -> line.matches(" +guest's processor executed +6\\.00 s +60\\.0 %"))
                .anyMatch(line -> line.matches(" +guest's processor was halted +1\\.00 s +10\\.0 %"))
                .anyMatch(line -> line.matches(" +guest instructions +600,000,000"));
    }

    @Test
    void withoutThePeerThereIsNoRatioButWords() {
        BootReport report = new BootReport();
        report.own(BootCase.TINY, own(10));
        report.peerMissing(BootCase.TINY, "not installed: apt-get install qemu-system-x86");
        assertThat(report.ratio(BootCase.TINY)).isEmpty();
        assertThat(report.table()).contains("qemu tcg           not installed: apt-get install qemu-system-x86").contains("ratio tiny boot/qemu tcg: unknown");
        assertThat(report.json()).contains("\"ratio\": null, \"peerMissing\": \"not installed: apt-get install qemu-system-x86\"");
    }

    @Test
    @SuppressWarnings("unchecked") // avaje reads a JSON object of no type as a map by member name
    void jsonIsJson() {
        BootReport report = new BootReport();
        report.machine("line", "\"quoted\" \\ back");
        report.note("a note");
        report.own(BootCase.TINY, own(10));
        report.peer(BootCase.TINY, peer(5));
        report.launch(BootCase.TINY, 12 * SECOND);
        Map<String, Object> json = (Map<String, Object>) Jsonb.instance().type(Object.class).fromJson(report.json());
        assertThat((Map<String, Object>) json.get("machine")).containsEntry("line", "\"quoted\" \\ back");
        Map<String, Object> tiny = ((List<Map<String, Object>>) json.get("boots")).getFirst();
        assertThat(((Number) tiny.get("ratio")).doubleValue()).isEqualTo(2);
        assertThat(((Number) ((Map<String, Object>) tiny.get("launch")).get("medianSeconds")).doubleValue()).isEqualTo(12);
        assertThat((List<Map<String, Object>>) tiny.get("figures")).anySatisfy(figure -> assertThat(figure).containsEntry("name", "interrupts taken").containsKey("value"));
        assertThat(new BootReport().json()).doesNotContain("NaN");
    }

    /** Of it 6 s executed, 1 s halted; 8 s of CPU time. */
    private static BootRun own(long seconds) {
        MachineStatus status = new MachineStatus("running", "", 1, 512L << 20, 600_000_000, 100, 50, 25, 1234, 99, SECOND, SECOND / 10, 6 * SECOND, 8 * SECOND, 200L << 20, 1);
        return new BootRun(SECOND, 2 * SECOND, seconds * SECOND, 8 * SECOND, status);
    }

    private static BootRun peer(long seconds) {
        return new BootRun(SECOND, 2 * SECOND, seconds * SECOND, seconds * SECOND, null);
    }
}
