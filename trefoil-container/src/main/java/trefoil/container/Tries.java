package trefoil.container;

import java.util.List;
import trefoil.linux.Errno;
import trefoil.linux.program.Operation;
import trefoil.linux.program.ProgramImage;

/** What became of the tries to execute a program along its search path; execvp(3) decides the same way. */
final class Tries {
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;

    private final int errno;

    Tries(List<Operation> executions, byte[] memory) {
        int worst = Errno.ENOENT;
        for (Operation execution : executions) {
            int failure = (int) -ProgramImage.result(memory, execution);
            if (failure != Errno.ENOENT && failure != Errno.ENOTDIR) {
                worst = failure;
            }
        }
        errno = worst;
    }

    /** What a shell would exit with. */
    int status() {
        return errno == Errno.ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
    }

    /** For people. */
    String message(String program) {
        return errno == Errno.ENOENT
                ? "no program " + program + " inside, or its interpreter is missing"
                : "cannot execute " + program + ": " + Errno.message(errno) + " (" + Errno.name(errno) + ")";
    }
}
