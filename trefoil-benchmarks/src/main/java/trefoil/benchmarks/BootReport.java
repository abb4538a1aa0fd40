package trefoil.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import trefoil.vmm.control.MachineStatus;

/** What {@code bench boot} measured, as a table for people or as JSON for programs. */
final class BootReport {
    static final String OWN = "trefoil";
    static final String PEER = "qemu tcg";

    private static final double MIB = 1 << 20;

    /** Boots of one case. */
    private static final class Results {
        private final List<BootRun> own = new ArrayList<>();
        private final List<BootRun> peer = new ArrayList<>();
        private final Samples launches = new Samples();
        private String peerMissing;
    }

    private record Figure(String name, double value, String unit, String words) {}

    private final Map<String, String> machine = new LinkedHashMap<>();
    private final Map<BootCase, Results> results = new EnumMap<>(BootCase.class);
    private final List<String> notes = new ArrayList<>();

    void machine(String name, String value) {
        machine.put(name, value);
    }

    void note(String note) {
        notes.add(note);
    }

    void own(BootCase wanted, BootRun run) {
        of(wanted).own.add(run);
    }

    void peer(BootCase wanted, BootRun run) {
        of(wanted).peer.add(run);
    }

    /** Nanoseconds from the request for a server until it was usable. */
    void launch(BootCase wanted, long nanos) {
        of(wanted).launches.add(nanos);
    }

    /** There is no figure of the peer's; says why. */
    void peerMissing(BootCase wanted, String why) {
        of(wanted).peerMissing = why;
    }

    private Results of(BootCase wanted) {
        return results.computeIfAbsent(wanted, key -> new Results());
    }

    /** Trefoil's median divided by the peer's; empty where one has none. */
    OptionalDouble ratio(BootCase wanted) {
        Results all = of(wanted);
        return all.own.isEmpty() || all.peer.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(samples(all.own, BootRun::whole).medianMillis() / samples(all.peer, BootRun::whole).medianMillis());
    }

    private static Samples samples(List<BootRun> runs, ToLongFunction<BootRun> part) {
        Samples samples = new Samples();
        runs.forEach(run -> samples.add(part.applyAsLong(run)));
        return samples;
    }

    /** Seconds. */
    private static double median(List<BootRun> runs, ToLongFunction<BootRun> part) {
        return samples(runs, part).medianMillis() / 1e3;
    }

    private static double medianOf(List<BootRun> runs, ToDoubleFunction<BootRun> part) {
        double[] sorted = runs.stream().mapToDouble(part).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    // ---- for people ----

    String table() {
        StringBuilder text = new StringBuilder();
        machine.forEach((name, value) -> text.append("%-10s %s%n".formatted(name, value)));
        results.forEach((wanted, all) -> append(text, wanted, all));
        text.append(System.lineSeparator());
        notes.forEach(note -> text.append("note: ").append(note).append(System.lineSeparator()));
        text.append("The ratio is trefoil's median time of a boot divided by that of ").append(PEER).append(" in the same run; smaller is better.").append(System.lineSeparator());
        for (BootCase wanted : results.keySet()) {
            OptionalDouble ratio = ratio(wanted);
            text.append("ratio ").append(wanted.word()).append(" boot/").append(PEER).append(": ");
            text.append(ratio.isPresent() ? number("%.2f", ratio.getAsDouble()) : "unknown").append(System.lineSeparator());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, BootCase wanted, Results all) {
        text.append("%n%s%n".formatted(wanted.title()));
        text.append("%-18s %4s %9s %9s %9s %10s %9s %9s%n".formatted("", "n", "median s", "p10", "p90", "kernel s", "init s", "CPU s"));
        text.append(line(OWN, all.own));
        text.append(all.peerMissing == null ? line(PEER, all.peer) : "%-18s %s%n".formatted(PEER, all.peerMissing));
        if (all.launches.count() > 0) {
            text.append(line("trefoil launch", all.launches)).append(System.lineSeparator());
        }
        for (Map.Entry<String, List<Figure>> section : sections(all.own).entrySet()) {
            text.append("  %s%n".formatted(section.getKey()));
            section.getValue().forEach(figure -> text.append("    %-46s %s%n".formatted(figure.name(), figure.words())));
        }
    }

    private static String line(String name, List<BootRun> runs) {
        return line(name, samples(runs, BootRun::whole))
                + String.format(Locale.ROOT, " %10.2f %9.2f %9.2f%n", median(runs, BootRun::kernel), median(runs, BootRun::init), median(runs, BootRun::cpu));
    }

    private static String line(String name, Samples samples) {
        return String.format(Locale.ROOT, "%-18s %4d %9.2f %9.2f %9.2f", name, samples.count(), samples.medianMillis() / 1e3, samples.percentileMillis(10) / 1e3, samples.percentileMillis(90) / 1e3);
    }

    private static Map<String, List<Figure>> sections(List<BootRun> own) {
        Map<String, List<Figure>> sections = new LinkedHashMap<>();
        if (!own.isEmpty()) {
            sections.put("what trefoil's machine did, medians", work(own));
            sections.put("where its time went, medians", time(own));
        }
        return sections;
    }

    private static List<Figure> work(List<BootRun> own) {
        return List.of(
                count("guest instructions", own, MachineStatus::instructions),
                count("accesses to devices by port", own, MachineStatus::portAccesses),
                count("accesses to devices by address", own, MachineStatus::memoryAccesses),
                count("accesses to devices by MSR", own, MachineStatus::msrAccesses),
                count("interrupts taken", own, MachineStatus::interrupts),
                count("exceptions taken", own, MachineStatus::exceptions),
                figure("million instructions a second while not halted", medianOf(own, BootRun::mips), "MIPS", "%.1f"),
                figure("memory of the process beyond the guest's RAM", medianOf(own, run -> run.status().ownMemory() / MIB), "MiB", "%.0f MiB"));
    }

    private static List<Figure> time(List<BootRun> own) {
        return List.of(
                share("guest's processor executed", own, run -> run.status().vcpuNanos()),
                share("of it in devices that it had asked", own, run -> run.status().deviceNanos()),
                share("guest's processor was halted", own, run -> run.status().haltedNanos()),
                share("neither: start, waiting for the host", own, BootRun::neither),
                share("beside it, other threads' CPU time", own, BootRun::others));
    }

    private static Figure count(String name, List<BootRun> own, ToLongFunction<MachineStatus> part) {
        return figure(name, medianOf(own, run -> part.applyAsLong(run.status())), "", "%,.0f");
    }

    private static Figure figure(String name, double value, String unit, String format) {
        return new Figure(name, value, unit, number(format, value));
    }

    private static Figure share(String name, List<BootRun> own, ToLongFunction<BootRun> part) {
        double seconds = median(own, part);
        return new Figure(name, seconds, "s", String.format(Locale.ROOT, "%6.2f s %5.1f %%", seconds, 100 * medianOf(own, run -> (double) part.applyAsLong(run) / run.whole())));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    // ---- for programs ----

    String json() {
        String machineJson = machine.entrySet().stream().map(entry -> OciBundle.quoted(entry.getKey()) + ": " + OciBundle.quoted(entry.getValue())).collect(Collectors.joining(", "));
        String boots = results.entrySet().stream().map(entry -> json(entry.getKey(), entry.getValue())).collect(Collectors.joining(",\n    "));
        return """
                {
                  "machine": {%s},
                  "boots": [
                    %s
                  ],
                  "notes": [%s]
                }
                """.formatted(machineJson, boots, notes.stream().map(OciBundle::quoted).collect(Collectors.joining(", ")));
    }

    private String json(BootCase wanted, Results all) {
        String figures = sections(all.own).values().stream()
                .flatMap(List::stream)
                .map(figure -> "{\"name\": %s, \"value\": %s, \"unit\": %s}".formatted(OciBundle.quoted(figure.name()), json(figure.value()), OciBundle.quoted(figure.unit())))
                .collect(Collectors.joining(",\n      "));
        OptionalDouble ratio = ratio(wanted);
        return """
                {"name": %s, "title": %s, "ratio": %s, "peerMissing": %s,
                     "trefoil": [%s],
                     "peer": [%s],
                     "launch": {"n": %d, "medianSeconds": %s},
                     "figures": [
                      %s]}""".formatted(
                OciBundle.quoted(wanted.word()), OciBundle.quoted(wanted.title()), ratio.isPresent() ? json(ratio.getAsDouble()) : "null", all.peerMissing == null ? "null" : OciBundle.quoted(all.peerMissing), json(all.own),
                json(all.peer), all.launches.count(), json(all.launches.medianMillis() / 1e3), figures);
    }

    private static String json(List<BootRun> runs) {
        return runs.stream()
                .map(run -> "{\"seconds\": %s, \"kernelSeconds\": %s, \"initSeconds\": %s, \"cpuSeconds\": %s}"
                        .formatted(json(run.whole() / 1e9), json(run.kernel() / 1e9), json(run.init() / 1e9), json(run.cpu() / 1e9)))
                .collect(Collectors.joining(", "));
    }

    private static String json(double value) {
        return Double.isFinite(value) ? number("%.4f", value) : "null";
    }
}
