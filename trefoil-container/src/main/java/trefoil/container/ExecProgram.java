package trefoil.container;

import java.util.BitSet;
import java.util.List;
import trefoil.linux.process.Affinity;
import trefoil.linux.process.Clone;
import trefoil.linux.program.Call;
import trefoil.linux.program.Operand;
import trefoil.linux.program.Operation;
import trefoil.linux.program.ProgramImage;
import trefoil.linux.program.SyscallProgram;

/**
 * The program of another process in a live container, from its birth to {@code execve}. The keeper forks it into the
 * container's pid namespace; it enters the others in one call, by a pidfd of process 1, so that it never stands half
 * inside. Its memory is the keeper's, which nobody inside may read, trace or write (PR_SET_DUMPABLE).
 *
 * <p>The keeper's descriptors are copied into it by the fork, terminals of other containers among them. It closes them before
 * it goes inside, and everything but its standard files and the socket before it follows a path from inside:
 * a working directory {@code /proc/self/fd/N} would otherwise lead out (compare CVE-2024-21626).
 */
final class ExecProgram {
    private static final int FAILED = 111;
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
     * What the program does. Its descriptors: 0 a socket that ends at execve, then the files of control groups, then
     * process 1, then standard input, output and error.
     *
     * @param joinFiles how many version 1 control groups it joins
     * @param cpus that it is bound to, as process 1 is; empty for those of the keeper
     * @param terminal whether standard input is to be its controlling terminal
     */
    record Plan(
            int joinFiles,
            BitSet cpus,
            boolean terminal,
            boolean nesting,
            StartProgram.Identity identity,
            List<String> directories,
            List<String> command,
            List<String> paths,
            List<String> environment) {}

    /** Laid out for the keeper. */
    record Laid(ProgramImage image, List<Operation> executions) {}

    static Laid of(Plan plan) {
        SyscallProgram program = new SyscallProgram("exec " + plan.command().getFirst());
        StartProgram.joinGroups(program, plan.joinFiles());
        StartProgram.forgetKept(program);
        if (!plan.cpus().isEmpty()) {
            byte[] mask = Affinity.mask(plan.cpus());
            program.call("run where process 1 may", Call.SCHED_SETAFFINITY, 0, mask.length, program.data(plan.cpus().toString(), mask));
        }
        int process = Keeper.descriptor(1 + plan.joinFiles());
        program.call("enter the namespaces", Call.SETNS, process, Operand.of(NAMESPACES, "CLONE_NEWUSER|NEWNS|NEWUTS|NEWIPC|NEWNET|NEWCGROUP|NEWTIME"));
        StartProgram.keepMemoryPrivate(program); // before anything else: setns(2) may set the flag, as fs.suid_dumpable says
        StartProgram.becomeRoot(program);
        program.call("own session", Call.SETSID);
        for (int i = 0; i < 3; i++) {
            program.call("standard file " + i, Call.DUP3, process + 1 + i, i, 0);
        }
        program.call("close what the keeper serves with", Call.CLOSE_RANGE, 3, Keeper.descriptor(0) - 1, 0);
        program.call("close what came for the way in", Call.CLOSE_RANGE, Keeper.descriptor(1), StartProgram.LAST_DESCRIPTOR, 0);
        if (plan.terminal()) {
            program.call("controlling terminal", Call.IOCTL, 0, Operand.of(TIOCSCTTY, "TIOCSCTTY"), 0);
        }
        StartProgram.limitFiles(program);
        StartProgram.confine(program, plan.nesting());
        List<Operation> executions = StartProgram.execute(
                program,
                plan.identity(),
                plan.directories(),
                plan.paths(),
                plan.command(),
                plan.environment());
        program.failHere();
        program.call("give up", Call.EXIT_GROUP, FAILED);
        return new Laid(program.at(Keeper.PROGRAM_BASE), executions);
    }
}
