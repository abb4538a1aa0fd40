package trefoil.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import trefoil.linux.FileDescriptor;
import trefoil.linux.cgroup.Cgroup;

/**
 * A container that has been begun before anybody asked for it: process 1 in its namespaces, with its control group, ids,
 * devices and network interfaces, waiting to be told its name, root and program ({@link ContainerEngine#begin}). Costs the
 * memory of a process that has run a few system calls. When this daemon dies, so does it; its control group is then left.
 *
 * <p>Its clocks began with it: {@code uptime} inside tells what it has waited as well. Used by one thread at a time.
 */
public final class Beginning implements AutoCloseable {
    private final Launch launch;
    private final Cgroup group;
    private final LateSource source;
    private final ContainerEngine engine;
    private final ResourceLimits limits;
    private boolean taken;

    Beginning(ContainerEngine engine, Launch launch, Cgroup group, ResourceLimits limits, LateSource source) {
        this.engine = engine;
        this.limits = limits;
        this.launch = launch;
        this.group = group;
        this.source = source;
    }

    /** Whether process 1 still waits: somebody may have killed it. */
    public boolean waits() {
        try {
            return !taken && launch.waits();
        } catch (IOException e) {
            return false; // what cannot be looked at is not used
        }
    }

    /** Whether it has become a container, or should have. */
    boolean taken() {
        return taken;
    }

    /** Of its control group, and of its files for /proc. */
    String label() {
        return group.name();
    }

    /** Gives it other limits than it was begun with. */
    void limit(ContainerSpec spec) throws IOException {
        if (!spec.limits().equals(limits)) {
            group.limits(Limits.of(spec.limits(), spec.directory()));
        }
    }

    Cgroup group() {
        return group;
    }

    /** As {@link Launch#finish}; from now on this is done with, whether it succeeds or not. */
    Launch.Running finish(
            ContainerSpec spec, long startedAt, FileDescriptor disk, BitSet cpus, ContainerEngine.Meanwhile meanwhile)
            throws IOException {
        taken = true;
        source.be(ViewSource.of(group, startedAt, BootId.of(spec.directory(), startedAt)));
        try (launch) {
            return launch.finish(spec, startedAt, disk, cpus, meanwhile);
        }
    }

    /** Ends it, unless it has become a container. */
    @Override
    public void close() {
        if (!taken) {
            taken = true;
            try {
                launch.close();
            } finally {
                discard();
            }
        }
    }

    private void discard() {
        try {
            engine.discard(this);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear away what was begun as " + label(), e);
        }
    }

}
