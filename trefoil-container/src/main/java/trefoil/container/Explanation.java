package trefoil.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import trefoil.linux.program.Operation;
import trefoil.linux.program.ProgramImage;

/**
 * A start in words. The child's steps are those of the very program that would run; the host's follow {@link Launch}, which
 * stands beside them in the same order.
 */
final class Explanation {
    private final ContainerSpec spec;
    private final List<Step> steps = new ArrayList<>();

    private Explanation(ContainerSpec spec) {
        this.spec = spec;
    }

    static List<Step> of(ContainerSpec spec) throws IOException {
        Explanation explanation = new Explanation(spec);
        explanation.fork();
        explanation.devices();
        explanation.root();
        explanation.handOver();
        explanation.child();
        return List.copyOf(explanation.steps);
    }

    private void host(String call, String why) {
        steps.add(new Step("host", call, why));
    }

    private void fork() {
        host("mkdir(\"/sys/fs/cgroup/…/trefoil/" + spec.name() + "\")", "control groups with its limits, one a hierarchy");
        host("memfd_create(\"program\"), pwrite(…)", "the program of its process 1, a table of system calls");
        host("sendmsg(keeper, RUN, [program, socket, control groups])", "ask the keeper for a child");
        steps.add(new Step("keeper", "unshare(CLONE_NEWTIME), write(timens_offsets)", "clocks that begin at zero"));
        steps.add(new Step(
                "keeper",
                "clone3(CLONE_NEWUSER|CLONE_NEWPID|CLONE_INTO_CGROUP)",
                "process 1: root of its own user namespace, nobody outside; its exit status is kept until asked for"));
        host("pidfd_open(pid)", "a handle on it that no other process can get by reuse of its number");
        host("write(/proc/pid/uid_map, gid_map, \"0 " + spec.idBase() + " 65536\")", "its ids 0–65535 are these of the host");
    }

    private void devices() {
        host("fsopen(tmpfs), fsmount, mknodat(null zero full random urandom tty)", "its /dev");
        host("fsopen(devpts), fsmount, openat(ptmx)", "its terminals, the first of them its console");
        host("fsopen(tmpfs), fsmount", "its /dev/shm and its /run");
        host("open_tree(procview/" + spec.name() + "/…, OPEN_TREE_CLONE)", "files that tell its own memory and CPUs in /proc");
        host("openat(/proc/pid/ns/net)", "put its interfaces into its network namespace");
    }

    private void root() {
        host("pwrite(program)", "the second part of the program, which makes its root and confines it");
        for (Path layer : spec.layers().reversed()) {
            host("open_tree(\"" + layer + "\", OPEN_TREE_CLONE), mount_setattr(MOUNT_ATTR_IDMAP)", "a layer of the image, owned by its ids");
        }
        host("open_tree(\"" + spec.directory() + "\", OPEN_TREE_CLONE), mount_setattr(MOUNT_ATTR_IDMAP)", "where its changes go");
        host("fsopen(overlay), fsconfig(lowerdir+, upperdir, workdir), fsmount(MOUNT_ATTR_NODEV)", "its root, attached nowhere yet");
    }

    private void handOver() {
        host("sendmsg(child, [root, mounts])", "now it attaches them");
        host("pwrite(program)", "the third part of the program, which knows its name and what it is to run");
        host("sendmsg(keeper, KEEP, [record, console, log, devpts])", "what the next daemon needs, should this one die");
        host("sendmsg(child, go)", "now it takes its name, and runs its init");
    }

    private void child() throws IOException {
        KernelInterfaces hidden = KernelInterfaces.ofThisKernel();
        List<StartProgram.Place> places = Launch.places(hidden, List.of());
        int nextFree = Keeper.descriptor(3);
        child(StartProgram.birth(1, nextFree, spec.nesting()));
        child(StartProgram.root(new StartProgram.Rooting(nextFree, places, Launch.copies(hidden), spec.nesting())));
        child(StartProgram.of(Launch.plan(spec, Launch.user(spec, null), List.of())).image());
    }

    private void child(ProgramImage part) {
        for (Operation operation : part.operations()) {
            if (operation.call().isSystemCall() && !operation.purpose().equals("give up")) {
                steps.add(new Step("child", operation.text(), operation.purpose()));
            }
        }
    }
}
