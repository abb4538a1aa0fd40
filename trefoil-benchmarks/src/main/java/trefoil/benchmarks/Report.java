package trefoil.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What was measured, as a table for people or as JSON for programs. */
final class Report {
    /**
     * @param cpuMillis mean CPU time of a run; NaN where unknown
     * @param isolation in words; {@code null} where it goes without saying
     */
    record Row(String section, String name, Samples samples, double cpuMillis, String isolation) {}

    private record Figure(String section, String name, double value, String unit, String words) {}

    private final Map<String, String> machine = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private final List<Figure> figures = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    void machine(String name, String value) {
        machine.put(name, value);
    }

    void row(Row row) {
        rows.add(row);
    }

    /** A single figure; {@code words} is how people see it. */
    void figure(String section, String name, double value, String unit, String words) {
        figures.add(new Figure(section, name, value, unit, words));
    }

    void note(String note) {
        notes.add(note);
    }

    /** Median start-to-exit of Trefoil divided by that of crun; empty where crun did not run. */
    OptionalDouble ratio() {
        OptionalDouble trefoil = median(OsBenchmark.START_TO_EXIT, "trefoil");
        OptionalDouble crun = median(OsBenchmark.START_TO_EXIT, "crun");
        return trefoil.isPresent() && crun.isPresent()
                ? OptionalDouble.of(trefoil.getAsDouble() / crun.getAsDouble())
                : OptionalDouble.empty();
    }

    /** Median in milliseconds of a row; empty where there is none. */
    OptionalDouble median(String section, String name) {
        return rows.stream()
                .filter(row -> row.section().equals(section) && row.name().equals(name) && row.samples().count() > 0)
                .mapToDouble(row -> row.samples().medianMillis())
                .findFirst();
    }

    String table() {
        StringBuilder text = new StringBuilder();
        machine.forEach((name, value) -> text.append("%-10s %s%n".formatted(name, value)));
        for (String section : rows.stream().map(Row::section).distinct().toList()) {
            text.append("%n%s%n".formatted(section));
            text.append("%-16s %6s %9s %9s %9s %8s%n".formatted("", "n", "median ms", "p10", "p90", "CPU ms"));
            rows.stream().filter(row -> row.section().equals(section)).forEach(row -> text.append(line(row)));
        }
        for (String section : figures.stream().map(Figure::section).distinct().toList()) {
            text.append("%n%s%n".formatted(section));
            figures.stream()
                    .filter(figure -> figure.section().equals(section))
                    .forEach(figure -> text.append("  %-46s %s%n".formatted(figure.name(), figure.words())));
        }
        appendIsolation(text);
        text.append(System.lineSeparator());
        notes.forEach(note -> text.append("note: ").append(note).append(System.lineSeparator()));
        text.append("The ratio is trefoil's median start-to-exit divided by crun's; smaller is better.").append(System.lineSeparator());
        OptionalDouble ratio = ratio();
        text.append(ratio.isPresent() ? number("ratio start/crun: %.2f", ratio.getAsDouble()) : "ratio start/crun: unknown");
        return text.append(System.lineSeparator()).toString();
    }

    private static String line(Row row) {
        Samples samples = row.samples();
        String cpu = Double.isNaN(row.cpuMillis()) ? "-" : number("%.1f", row.cpuMillis());
        return String.format(Locale.ROOT, "%-16s %6d %9.2f %9.2f %9.2f %8s%n", row.name(), samples.count(), samples.medianMillis(),
                samples.percentileMillis(10), samples.percentileMillis(90), cpu);
    }

    private void appendIsolation(StringBuilder text) {
        text.append("%nisolation%n".formatted());
        rows.stream()
                .filter(row -> row.isolation() != null)
                .forEach(row -> text.append("  %-16s %s%n".formatted(row.name(), row.isolation())));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    String json() {
        String machineJson = machine.entrySet().stream()
                .map(entry -> OciBundle.quoted(entry.getKey()) + ": " + OciBundle.quoted(entry.getValue()))
                .collect(Collectors.joining(", "));
        String rowsJson = rows.stream().map(Report::json).collect(Collectors.joining(",\n    "));
        String figuresJson = figures.stream().map(Report::json).collect(Collectors.joining(",\n    "));
        String notesJson = notes.stream().map(OciBundle::quoted).collect(Collectors.joining(", "));
        OptionalDouble ratio = ratio();
        return """
                {
                  "machine": {%s},
                  "times": [
                    %s
                  ],
                  "figures": [
                    %s
                  ],
                  "notes": [%s],
                  "ratioStartCrun": %s
                }
                """.formatted(machineJson, rowsJson, figuresJson, notesJson, ratio.isPresent() ? number("%.4f", ratio.getAsDouble()) : "null");
    }

    private static String json(Row row) {
        Samples samples = row.samples();
        return String.format(Locale.ROOT,
                "{\"section\": %s, \"name\": %s, \"n\": %d, \"medianMillis\": %s, \"p10Millis\": %s, \"p90Millis\": %s, \"cpuMillis\": %s}",
                OciBundle.quoted(row.section()), OciBundle.quoted(row.name()), samples.count(), json(samples.medianMillis()),
                json(samples.percentileMillis(10)), json(samples.percentileMillis(90)), json(row.cpuMillis()));
    }

    private static String json(Figure figure) {
        return String.format(Locale.ROOT, "{\"section\": %s, \"name\": %s, \"value\": %s, \"unit\": %s}",
                OciBundle.quoted(figure.section()), OciBundle.quoted(figure.name()), json(figure.value()), OciBundle.quoted(figure.unit()));
    }

    private static String json(double value) {
        return Double.isFinite(value) ? number("%.4f", value) : "null";
    }
}
