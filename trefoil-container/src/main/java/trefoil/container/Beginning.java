package trefoil.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;
import trefoil.linux.cgroup.Cgroup;

/**
 * A container that has been begun before anybody asked for it: process 1 in its namespaces and on its root, confined, with its
 * control group, ids, devices and network interfaces, waiting to be told its name and program
 * ({@link ContainerEngine#begin}). Costs the memory of a process that has run a few system calls, and of its mounts. When
 * this daemon dies, so does it; its control group and its directory are then left.
 *
 * <p>Its clocks began with it: {@code uptime} inside tells what it has waited as well. Used by one thread at a time.
 */
public final class Beginning implements AutoCloseable {
    private final Launch launch;
    private final Cgroup group;
    private final LateSource source;
    private final ContainerEngine engine;
    private final ContainerSpec begun;
    private final boolean named;
    private boolean taken;

    /**
     * @param begun what it was begun as, under its label and in a directory of that name
     * @param named whether its files tell that label
     */
    Beginning(ContainerEngine engine, Launch launch, Cgroup group, ContainerSpec begun, boolean named, LateSource source) {
        this.named = named;
        this.engine = engine;
        this.begun = begun;
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

    /** Gives it its directory, and the limits that it was not begun with. */
    void become(ContainerSpec spec) throws IOException {
        if (spec.nesting() || spec.disk() != null || spec.idBase() != begun.idBase() || !spec.layers().equals(begun.layers())) {
            throw new IllegalArgumentException(spec + " from what was begun as " + begun);
        }
        Files.move(begun.directory(), spec.directory(), StandardCopyOption.ATOMIC_MOVE);
        if (!spec.limits().equals(begun.limits())) {
            group.limits(Limits.of(spec.limits(), spec.directory()));
        }
    }

    /** What it was begun as. */
    ContainerSpec begun() {
        return begun;
    }

    Cgroup group() {
        return group;
    }

    /** What its process 1 has to write to be called so. */
    List<StartProgram.Text> texts(String name) {
        return named ? Identity.texts(name) : List.of();
    }

    /** What makes it a container; the caller closes it. From now on this is done with, whether that succeeds or not. */
    Launch take(ContainerSpec spec, long startedAt) {
        taken = true;
        source.be(ViewSource.of(group, startedAt, spec.directory()));
        return launch;
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
