package trefoil.container;

import java.util.BitSet;
import java.util.List;
import trefoil.linux.process.Affinity;
import trefoil.linux.process.Clone;
import trefoil.linux.program.Call;
import trefoil.linux.program.Data;
import trefoil.linux.program.Operand;
import trefoil.linux.program.Operation;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.program.SyscallProgram;

/**
 * The program of another process in a live container, from its birth to {@code execve}, in two parts. In the first, the way, the
 * keeper forks it into the container's pid namespace; it enters the others in one call, by a pidfd of process 1, so that it never stands half
 * inside, confines itself, and waits. The second, which alone knows what is to be run and as whom, is written meanwhile. Its
 * memory is the keeper's, which nobody inside may read, trace or write (PR_SET_DUMPABLE).
 *
 * <p>While it waits, signals end it as they would any other process: a system that powers off is not held up. So does the end of
 * whoever began it.
 *
 * <p>The keeper's descriptors are copied into it by the fork, terminals of other containers among them. It closes them before
 * it goes inside, and everything but its standard files and the socket before it follows a path from inside:
 * a working directory {@code /proc/self/fd/N} would otherwise lead out (compare CVE-2024-21626).
 */
final class ExecProgram {
    /** What it is called while it waits: {@code ps} inside shows it. */
    static final String WAITING_NAME = "trefoil-exec";

    /** Where the second part lies, bytes from the first. */
    private static final int RUNNING = 0x10000;

    /** Bytes of memory that the two take at most. */
    static final int ROOM = RUNNING + StartProgram.MOST_RUNNING;

    private static final int FAILED = 111;
    private static final int PR_SET_NAME = 15;
    private static final int SIG_SETMASK = 2;
    private static final int TIOCSCTTY = 0x540E;
    private static final long NAMESPACES = Clone.NEWUSER
            | Clone.NEWNS
            | Clone.NEWUTS
            | Clone.NEWIPC
            | Clone.NEWNET
            | Clone.NEWCGROUP
            | Clone.NEWTIME;

    private ExecProgram() {}

    /**
     * The way in. Its descriptors: 0 a socket that says go and ends at execve, then the files of control groups, then
     * process 1, then standard input, output and error.
     *
     * @param joinFiles how many version 1 control groups it joins
     * @param cpus that it is bound to, as process 1 is; empty for those of the keeper
     */
    record Way(int joinFiles, BitSet cpus, boolean nesting) {}

    /**
     * What is run.
     *
     * @param terminal whether standard input is to be its controlling terminal
     */
    record Plan(
            boolean terminal,
            StartProgram.Identity identity,
            List<String> directories,
            List<String> command,
            List<String> paths,
            List<String> environment) {}

    /** The second part, laid out. */
    record Laid(ProgramImage image, List<Operation> executions) {}

    /** The first part. */
    static ProgramImage way(Way way) {
        SyscallProgram program = new SyscallProgram("way in");
        StartProgram.joinGroups(program, way.joinFiles());
        StartProgram.forgetKept(program);
        if (!way.cpus().isEmpty()) {
            byte[] mask = Affinity.mask(way.cpus());
            program.call("run where process 1 may", Call.SCHED_SETAFFINITY, 0, mask.length, program.data(way.cpus().toString(), mask));
        }
        int process = Keeper.descriptor(1 + way.joinFiles());
        program.call("enter the namespaces", Call.SETNS, process, Operand.of(NAMESPACES, "CLONE_NEWUSER|NEWNS|NEWUTS|NEWIPC|NEWNET|NEWCGROUP|NEWTIME"));
        StartProgram.keepMemoryPrivate(program); // before anything else: setns(2) may set the flag, as fs.suid_dumpable says
        StartProgram.becomeRoot(program);
        program.call("own session", Call.SETSID);
        for (int i = 0; i < 3; i++) {
            program.call("standard file " + i, Call.DUP3, process + 1 + i, i, 0);
        }
        program.call("close what the keeper serves with", Call.CLOSE_RANGE, 3, Keeper.descriptor(0) - 1, 0);
        program.call("close what came for the way in", Call.CLOSE_RANGE, Keeper.descriptor(1), StartProgram.LAST_DESCRIPTOR, 0);
        StartProgram.limitFiles(program);
        StartProgram.confine(program, way.nesting());
        await(program);
        program.call("go on", Call.ADD, 0, 1).leaveTo(Keeper.PROGRAM_BASE + RUNNING);
        end(program);
        ProgramImage image = program.at(Keeper.PROGRAM_BASE);
        if (image.size() > RUNNING) {
            throw new IllegalStateException("the way into a container is " + image.size() + " bytes");
        }
        return image;
    }

    private static void await(SyscallProgram program) {
        program.call("name itself", Call.PRCTL, Operand.of(PR_SET_NAME, "PR_SET_NAME"), program.string(WAITING_NAME), 0, 0, 0);
        Data none = program.zeros("no signal", 8);
        program.call("let signals come", Call.RT_SIGPROCMASK, Operand.of(SIG_SETMASK, "SIG_SETMASK"), none, 0, 8);
        program.call("wait for what to run", Call.READ, Keeper.descriptor(0), program.zeros("go", 8), 8).onZero(program.failure());
    }

    /** The second part. */
    static Laid of(Plan plan) {
        SyscallProgram program = new SyscallProgram("exec " + plan.command().getFirst());
        if (plan.terminal()) {
            program.call("controlling terminal", Call.IOCTL, 0, Operand.of(TIOCSCTTY, "TIOCSCTTY"), 0);
        }
        List<Operation> executions = StartProgram.execute(
                program,
                plan.identity(),
                plan.directories(),
                plan.paths(),
                plan.command(),
                plan.environment());
        end(program);
        return new Laid(program.at(Keeper.PROGRAM_BASE + RUNNING), executions);
    }

    private static void end(SyscallProgram program) {
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, FAILED);
    }
}
