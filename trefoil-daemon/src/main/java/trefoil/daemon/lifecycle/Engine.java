package trefoil.daemon.lifecycle;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import trefoil.container.Beginning;
import trefoil.container.Container;
import trefoil.container.ContainerEngine;
import trefoil.container.ContainerEngine.ExitListener;
import trefoil.container.ContainerEngine.Meanwhile;
import trefoil.container.ContainerEngine.NetworkSetup;
import trefoil.container.ContainerException;
import trefoil.container.ContainerFiles;
import trefoil.container.ContainerSpec;
import trefoil.container.Homogeneity;
import trefoil.container.RootDisk;

/** What the lifecycle needs of a container engine; each method as in {@link ContainerEngine}. Tests put an engine behind it that fails and dies where they want. */
public interface Engine extends AutoCloseable {
    /** Opens an engine. */
    @FunctionalInterface
    interface Opener {
        Engine open(ExitListener listener) throws ContainerException;
    }

    /** {@link Homogeneity#check}. */
    void check(List<Path> layers, List<String> command) throws ContainerException;

    void create(ContainerSpec spec) throws ContainerException;

    Container start(ContainerSpec spec, NetworkSetup network) throws ContainerException;

    /** A container that was begun before it was asked for, see {@link Beginning}. */
    interface Begun extends AutoCloseable {
        /** Whether it can still become a container. */
        boolean waits();

        /** Makes it this container, whose directory it makes as well; {@code meanwhile} is done while process 1 works. */
        Container start(ContainerSpec spec, Meanwhile meanwhile) throws ContainerException;

        /** Ends it, unless it has become a container. */
        @Override
        void close();
    }

    Begun begin(ContainerSpec spec, NetworkSetup network) throws ContainerException;

    Optional<Container> adopt(ContainerSpec spec) throws ContainerException;

    void clean(ContainerSpec spec) throws ContainerException;

    void delete(ContainerSpec spec) throws ContainerException;

    ContainerFiles files(ContainerSpec spec) throws ContainerException;

    RootDisk.Growth growDisk(ContainerSpec spec) throws ContainerException;

    long keeperMemory();

    boolean idle() throws ContainerException;

    void retire() throws ContainerException;

    @Override
    void close();

    /** The kernel's. */
    static Opener kernel(Path runDirectory, String tag) {
        return listener -> new KernelEngine(ContainerEngine.open(runDirectory, tag, listener));
    }

    /** Passes everything on. */
    record KernelEngine(ContainerEngine engine) implements Engine {
        @Override
        public void check(List<Path> layers, List<String> command) throws ContainerException {
            Homogeneity.check(layers, command);
        }

        @Override
        public void create(ContainerSpec spec) throws ContainerException {
            engine.create(spec);
        }

        @Override
        public Container start(ContainerSpec spec, NetworkSetup network) throws ContainerException {
            return engine.start(spec, network);
        }

        @Override
        public Begun begin(ContainerSpec spec, NetworkSetup network) throws ContainerException {
            return new KernelBegun(engine, engine.begin(spec, network));
        }

        @Override
        public Optional<Container> adopt(ContainerSpec spec) throws ContainerException {
            return engine.adopt(spec);
        }

        @Override
        public void clean(ContainerSpec spec) throws ContainerException {
            engine.clean(spec);
        }

        @Override
        public void delete(ContainerSpec spec) throws ContainerException {
            engine.delete(spec);
        }

        @Override
        public ContainerFiles files(ContainerSpec spec) throws ContainerException {
            return engine.files(spec);
        }

        @Override
        public RootDisk.Growth growDisk(ContainerSpec spec) throws ContainerException {
            return engine.growDisk(spec);
        }

        @Override
        public long keeperMemory() {
            return engine.keeperMemory();
        }

        @Override
        public boolean idle() throws ContainerException {
            return engine.idle();
        }

        @Override
        public void retire() throws ContainerException {
            engine.retire();
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    /** Passes everything on. */
    record KernelBegun(ContainerEngine engine, Beginning beginning) implements Begun {
        @Override
        public boolean waits() {
            return beginning.waits();
        }

        @Override
        public Container start(ContainerSpec spec, Meanwhile meanwhile) throws ContainerException {
            return engine.start(spec, beginning, meanwhile);
        }

        @Override
        public void close() {
            beginning.close();
        }
    }
}
