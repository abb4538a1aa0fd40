package trefoil.cli.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Looks at processes that are not children of this one. */
public final class RunningProcess {
    private RunningProcess() {}

    /** Whether a process is there and not a zombie that nobody has reaped yet (proc_pid_stat(5): its state follows its name). */
    public static boolean is(long process) throws IOException {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc/" + process + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return false;
        }
        int name = stat.lastIndexOf(')');
        return name < 0 || name + 2 >= stat.length() || stat.charAt(name + 2) != 'Z';
    }
}
