package trefoil.daemon.machine;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import trefoil.api.MachineUsage;
import trefoil.container.Console;
import trefoil.container.Container;
import trefoil.container.ContainerException;
import trefoil.container.ContainerFiles;
import trefoil.container.ContainerSpec;
import trefoil.container.ExecSpec;
import trefoil.container.ResourceLimits;
import trefoil.container.Statistics;
import trefoil.linux.FileDescriptor;
import trefoil.vmm.agent.ShellWords;
import trefoil.vmm.control.ControlClient;
import trefoil.vmm.control.MachineStatus;

/** A machine that runs: the container around it, and the guest inside. Thread-safe. */
public final class GuestContainer implements Container {
    private static final long BEGIN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Container jail;
    private final ControlClient control;

    /** @param jail the container, as the engine started or adopted it */
    public GuestContainer(Container jail) {
        this.jail = jail;
        this.control = new ControlClient("/proc/" + jail.pid() + "/root" + MachineJail.CONTROL);
    }

    /** Has the machine begin with these taps, once its process answers; nothing where it has begun. The taps stay the caller's. */
    public void boot(List<FileDescriptor> taps) throws ContainerException {
        long end = System.nanoTime() + BEGIN_NANOS;
        while (true) {
            try {
                control.boot(taps);
                return;
            } catch (IOException e) {
                if (!jail.alive() || System.nanoTime() > end) {
                    throw new ContainerException("the process of machine " + spec().name() + " does not answer: " + e.getMessage(), "trefoil logs " + spec().name(), e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** What the machine does. */
    public MachineStatus status() throws IOException {
        return control.status();
    }

    /** What the machine does, for users; {@code null} while it is paused or begins. */
    public MachineUsage usage() {
        if (paused()) {
            return null;
        }
        try {
            MachineStatus s = status();
            return new MachineUsage(
                    s.vcpus(), s.memory(), s.boots(), s.instructions(), s.portAccesses(), s.memoryAccesses(), s.msrAccesses(), s.interrupts(), s.haltedNanos(), s.guestNanos(), s.hypervisorNanos(),
                    s.ownMemory(), s.state().equals("full"));
        } catch (IOException e) {
            return null; // its process does not listen yet, or has just ended
        }
    }

    @Override
    public ContainerSpec spec() {
        return jail.spec();
    }

    @Override
    public int pid() {
        return jail.pid();
    }

    @Override
    public long startedAt() {
        return jail.startedAt();
    }

    @Override
    public boolean alive() {
        return jail.alive();
    }

    /** Presses the power button, which the agent listens to where the system does not. */
    @Override
    public void askToPowerOff() throws ContainerException {
        try {
            control.pressPowerButton();
        } catch (IOException e) {
            if (alive()) {
                throw new ContainerException("the power button of " + spec().name() + " cannot be pressed: " + e.getMessage(), "trefoil stop --force " + spec().name(), e);
            }
        }
    }

    @Override
    public void kill() throws ContainerException {
        jail.kill();
    }

    @Override
    public void pause() throws ContainerException {
        jail.pause();
    }

    @Override
    public void resume() throws ContainerException {
        jail.resume();
    }

    @Override
    public boolean paused() {
        return jail.paused();
    }

    @Override
    public void limits(ResourceLimits limits) throws ContainerException {
        jail.limits(limits);
    }

    @Override
    public Statistics statistics() throws ContainerException {
        return jail.statistics();
    }

    @Override
    public Process exec(ExecSpec wanted) throws ContainerException {
        String line = ShellWords.command(
                wanted.command(), wanted.environment(), wanted.user() == null ? "" : wanted.user(), wanted.directory() == null ? "" : wanted.directory(), wanted.terminal() ? Math.max(1, wanted.columns()) : 0,
                Math.max(1, wanted.rows()));
        try {
            return new GuestProcess(control.execute(line), jail.pid());
        } catch (IOException e) {
            throw new ContainerException("cannot run " + wanted.program() + " in " + spec().name() + ": " + e.getMessage(), "wait until it has booted, or look: trefoil console " + spec().name(), e);
        }
    }

    /** Nothing: a command finds the agent waiting. */
    @Override
    public void anticipate() {}

    @Override
    public void relax() {}

    @Override
    public Console console() {
        return jail.console();
    }

    /** Not yet: they lie on the guest's own disk. */
    @Override
    public ContainerFiles files() throws ContainerException {
        throw filesRefused(spec().name());
    }

    /** Why the files of a machine cannot be reached from outside. */
    public static ContainerException filesRefused(String name) {
        return new ContainerException("the files of " + name + " lie on a disk of its own, which the host does not read", "trefoil exec " + name + " -- cat FILE, or: trefoil exec " + name + " -- sh -c 'cat > FILE' < FILE", null);
    }

    /** The machine's process has one that holds nothing; the guest's is its own. */
    @Override
    public FileDescriptor networkNamespace() throws ContainerException {
        return jail.networkNamespace();
    }
}
