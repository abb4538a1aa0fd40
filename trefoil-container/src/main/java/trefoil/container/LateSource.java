package trefoil.container;

import java.io.IOException;
import trefoil.linux.cgroup.CgroupCpu;
import trefoil.linux.cgroup.CgroupMemory;

/** Figures of a server that is not known yet. Nobody reads them before it is: nothing runs in it. Thread-safe. */
final class LateSource implements ViewSource {
    private volatile ViewSource source;

    /** From now on it is this one. */
    void be(ViewSource known) {
        source = known;
    }

    private ViewSource known() throws IOException {
        ViewSource known = source;
        if (known == null) {
            throw new IOException("it is not known yet whose figures these are");
        }
        return known;
    }

    @Override
    public CgroupMemory memory() throws IOException {
        return known().memory();
    }

    @Override
    public CgroupCpu cpu() throws IOException {
        return known().cpu();
    }

    @Override
    public Double cpuCap() throws IOException {
        return known().cpuCap();
    }

    @Override
    public long tasks() throws IOException {
        return known().tasks();
    }

    @Override
    public long stalledMicros(String resource) throws IOException {
        return known().stalledMicros(resource);
    }

    @Override
    public long startedAt() {
        return source.startedAt();
    }

    @Override
    public String bootId() {
        return source.bootId();
    }
}
