package trefoil.cli.session;

import sun.misc.Signal;

/**
 * Handlers for signals that this process receives. {@code sun.misc.Signal} of the module jdk.unsupported (JEP 260) is the
 * only way to them in Java. The module's pom compiles without ct.sym, because javac otherwise warns of every mention of it and
 * no annotation stops that.
 */
public final class Signals {
    private Signals() {}

    /**
     * Has {@code action} run, on a thread of the virtual machine's, whenever the signal comes, until the process ends.
     *
     * @param name without {@code SIG}, such as {@code WINCH}
     */
    public static void handle(String name, Runnable action) {
        Signal.handle(new Signal(name), received -> action.run());
    }
}
