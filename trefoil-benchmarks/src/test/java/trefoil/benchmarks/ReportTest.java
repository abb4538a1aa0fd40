package trefoil.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.avaje.jsonb.Jsonb;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void medianAndPercentilesAreThoseOfTheSamples() {
        Samples samples = new Samples();
        for (int i = 100; i >= 1; i--) {
            samples.add(i * 1_000_000L);
        }
        assertThat(samples.count()).isEqualTo(100);
        assertThat(samples.medianMillis()).isEqualTo(50.5, within(1e-9));
        assertThat(samples.percentileMillis(10)).isEqualTo(10, within(1e-9));
        assertThat(samples.percentileMillis(90)).isEqualTo(90, within(1e-9));
        assertThat(new Samples().medianMillis()).isNaN();
    }

    @Test
    void theLastLineIsTheRatioOfMedians() {
        Report report = report(true);
        assertThat(report.ratio()).hasValue(0.25);
        assertThat(report.table().strip().lines().reduce((first, last) -> last)).hasValue("ratio start/crun: 0.25");
    }

    @Test
    void withoutCrunThereIsNoRatio() {
        Report report = report(false);
        assertThat(report.ratio()).isEmpty();
        assertThat(report.table().strip()).endsWith("ratio start/crun: unknown");
        assertThat(report.json()).contains("\"ratioStartCrun\": null");
    }

    @Test
    @SuppressWarnings("unchecked") // avaje reads a JSON object of no type as a map by member name
    void jsonIsJson() {
        Report report = report(true);
        report.machine("kernel", "6.1 \"quoted\" \\ back");
        report.note("a note");
        report.figure("memory", "keeper", Double.NaN, "KiB", "unknown");
        Map<String, Object> json = (Map<String, Object>) Jsonb.instance().type(Object.class).fromJson(report.json());
        assertThat((Map<String, Object>) json.get("machine")).containsEntry("kernel", "6.1 \"quoted\" \\ back");
        assertThat(((Number) json.get("ratioStartCrun")).doubleValue()).isEqualTo(0.25);
    }

    private static Report report(boolean crun) {
        Report report = new Report();
        report.row(new Report.Row(OsBenchmark.START_TO_EXIT, "trefoil", of(5_000_000), 3, "much"));
        if (crun) {
            report.row(new Report.Row(OsBenchmark.START_TO_EXIT, "crun", of(20_000_000), Double.NaN, "as much"));
        }
        return report;
    }

    private static Samples of(long nanos) {
        Samples samples = new Samples();
        samples.add(nanos);
        return samples;
    }
}
