package trefoil.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A command that could not be executed inside, as a process that printed why and ended with a shell's status: 127 for a
 * program that does not exist, 126 for one that cannot be executed.
 */
final class NotExecuted implements Container.Process {
    private final byte[] message;
    private final boolean terminal;
    private final Exit exit;
    private boolean told;

    NotExecuted(String message, boolean terminal, int status) {
        this.message = (message + (terminal ? "\r\n" : "\n")).getBytes(StandardCharsets.UTF_8);
        this.terminal = terminal;
        this.exit = new Exit(status, 0);
    }

    /** 0: there never was one. */
    @Override
    public int pid() {
        return 0;
    }

    /** Goes nowhere, as into a process that has ended without reading. */
    @Override
    public void write(byte[] data, int offset, int length) {}

    @Override
    public void closeInput() {}

    @Override
    public int read(byte[] into) {
        return terminal ? tell(into) : -1;
    }

    @Override
    public int readError(byte[] into) {
        return terminal ? -1 : tell(into);
    }

    private synchronized int tell(byte[] into) {
        if (told) {
            return -1;
        }
        told = true;
        int length = Math.min(into.length, message.length);
        System.arraycopy(message, 0, into, 0, length);
        return length;
    }

    @Override
    public Exit carry(Container.Output to, int lingerMillis) throws IOException, InterruptedException {
        if (terminal) {
            to.out(message.clone(), message.length);
        } else {
            to.error(message.clone(), message.length);
        }
        return exit;
    }

    @Override
    public void resize(int columns, int rows) {}

    @Override
    public void signal(int signal) {}

    @Override
    public Exit await() {
        return exit;
    }

    @Override
    public void close() {}
}
