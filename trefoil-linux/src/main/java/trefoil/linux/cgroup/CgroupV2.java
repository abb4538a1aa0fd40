package trefoil.linux.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import trefoil.linux.host.Fields;

/**
 * Version 2: limits and handle are one group.
 *
 * <p>A group's {@code memory.low} protects no more than its parent's does, and what the parent protects beyond its
 * children's claims is spread over all of them (memory_recursiveprot). So the top group's is kept at exactly the sum of the
 * servers'.
 */
final class CgroupV2 extends CgroupTree {
    private static final List<String> USED = List.of("memory", "cpu", "pids", "io");

    private final ControlFiles top;

    CgroupV2(String topName, Path unified) throws IOException {
        super(topName, unified, null);
        this.top = ControlFiles.of(top(unified));
        if (GroupDirectory.exists(top(unified))) {
            prepare(top(unified));
            sumGuarantees();
        }
    }

    @Override
    public String flavor() {
        return "v2";
    }

    @Override
    List<Path> roots() {
        return List.of(unifiedRoot());
    }

    @Override
    void make(String name, CgroupLimits limits, List<Path> made) throws IOException {
        makeDirectory(unified(name), this::prepare, made);
        files(name).change(CgroupLimits.NONE, limits);
    }

    private void prepare(Path newTop) throws IOException {
        enable(ControlFiles.of(unifiedRoot()));
        enable(ControlFiles.of(newTop));
        if (!top.read("cpu.weight", "").isEmpty()) {
            top.write("cpu.weight", Integer.toString(TOP_WEIGHT));
        }
    }

    /** Enables, for the groups below, those controllers that limits need, that there are, and that are not enabled yet. */
    static void enable(ControlFiles group) throws IOException {
        List<String> available = words(group.read("cgroup.controllers"));
        List<String> enabled = words(group.read("cgroup.subtree_control"));
        for (String controller : USED) {
            if (available.contains(controller) && !enabled.contains(controller)) {
                group.write("cgroup.subtree_control", "+" + controller);
            }
        }
    }

    private static List<String> words(String text) {
        return Arrays.asList(text.strip().split("\\s+"));
    }

    private ControllersV2 files(String name) {
        return new ControllersV2(ControlFiles.of(unified(name)));
    }

    @Override
    Cgroup group(String name) {
        return new Cgroup(this, name, unified(name), Map.of(), files(name));
    }

    @Override
    synchronized void guaranteeChanged(long from, long to) throws IOException {
        if (from != to) {
            setTopGuarantee(Fields.single(top.read("memory.low")) - from + to);
        }
    }

    @Override
    long guaranteeOf(Limiter limiter) throws IOException {
        Long guarantee = limiter.limits().memoryGuarantee();
        return guarantee == null ? 0 : guarantee;
    }

    /** What a daemon's death between two writes may have left wrong. */
    private synchronized void sumGuarantees() throws IOException {
        if (top.read("memory.low", "").isEmpty()) {
            return;
        }
        long sum = 0;
        for (String child : GroupDirectory.children(top(unifiedRoot()))) {
            sum += Fields.single(ControlFiles.of(top(unifiedRoot()).resolve(child)).read("memory.low", "0"));
        }
        setTopGuarantee(sum);
    }

    private void setTopGuarantee(long bytes) throws IOException {
        top.write("memory.low", Long.toString(Math.max(0, bytes)));
    }
}
