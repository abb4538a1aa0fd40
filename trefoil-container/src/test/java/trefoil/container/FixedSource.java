package trefoil.container;

import trefoil.linux.cgroup.CgroupCpu;
import trefoil.linux.cgroup.CgroupMemory;

/** Figures that a test sets. */
final class FixedSource implements ViewSource {
    static final long MIB = 1 << 20;

    long usage = 100 * MIB;
    long cap = 512 * MIB;
    long swap;
    long swapCap;
    Double cpuCap = 1.0;
    long cpuNanos;
    long stalledMicros;
    long tasks = 7;
    long startedAt = System.currentTimeMillis() - 60_000;

    @Override
    public CgroupMemory memory() {
        return new CgroupMemory(
                usage, cap, 40 * MIB, 50 * MIB, 2 * MIB, 30 * MIB, 12 * MIB, 20 * MIB, 28 * MIB, 0, 8 * MIB, MIB, 0, 4 * MIB,
                3 * MIB, 9 * MIB, swap, swapCap);
    }

    @Override
    public CgroupCpu cpu() {
        return new CgroupCpu(cpuNanos, cpuNanos * 3 / 4, cpuNanos / 4);
    }

    @Override
    public Double cpuCap() {
        return cpuCap;
    }

    @Override
    public long tasks() {
        return tasks;
    }

    @Override
    public long stalledMicros(String resource) {
        return resource.equals("cpu") ? stalledMicros : 0;
    }

    @Override
    public long startedAt() {
        return startedAt;
    }

    @Override
    public String bootId() {
        return "6a1f6b1e-0f43-4f0e-9d3c-8d2b6a5c4e10";
    }
}
