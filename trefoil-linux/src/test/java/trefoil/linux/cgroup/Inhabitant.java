package trefoil.linux.cgroup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import trefoil.linux.FileDescriptor;

/** A shell command that moves itself into a group, as a child of the keeper does, and says so before it goes on. */
final class Inhabitant implements AutoCloseable {
    private static final String JOIN = "for f in \"$@\"; do echo 0 > $f || exit 99; done; echo in; ";

    private final Process process;

    private Inhabitant(Process process) {
        this.process = process;
    }

    /** Returns when it is in the group. */
    static Inhabitant of(Cgroup group, String command) throws IOException {
        String own = "/proc/" + ProcessHandle.current().pid() + "/fd/";
        try (Birth birth = group.birth()) {
            List<String> words = new ArrayList<>(List.of("sh", "-c", JOIN + command, "sh"));
            for (FileDescriptor file : birth.joinFiles()) {
                words.add(own + file.number());
            }
            words.add(own + birth.cloneInto().number() + "/cgroup.procs");
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            Inhabitant inhabitant = new Inhabitant(process);
            String said = inhabitant.line();
            if (!said.equals("in")) {
                inhabitant.close();
                throw new IOException("could not join " + group + ": " + said);
            }
            return inhabitant;
        }
    }

    int pid() {
        return (int) process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    String line() throws IOException {
        StringBuilder said = new StringBuilder();
        for (int c = process.getInputStream().read(); c >= 0 && c != '\n'; c = process.getInputStream().read()) {
            said.append((char) c);
        }
        return said.toString();
    }

    String output() throws IOException {
        return new String(process.getInputStream().readAllBytes());
    }

    int await() throws InterruptedException {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("still runs");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
