package trefoil.cli.session;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Handlers for signals that this process receives. {@code sun.misc.Signal} of the module jdk.unsupported (JEP 260) is the
 * only way to them in Java; it is required by the module and looked up by name because javac warns of every mention of it and no annotation stops that.
 */
public final class Signals {
    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";

    private Signals() {}

    /**
     * Has {@code action} run, on a thread of the virtual machine's, whenever the signal comes, until the process ends.
     *
     * @param name without {@code SIG}, such as {@code WINCH}
     */
    public static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName(SIGNAL);
            Class<?> handler = Class.forName(HANDLER);
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            MethodHandle run = MethodHandles.lookup().findVirtual(Runnable.class, "run", MethodType.methodType(void.class)).bindTo(action);
            Object proxy = MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
            Object number = lookup.findConstructor(signal, MethodType.methodType(void.class, String.class)).invoke(name);
            lookup.findStatic(signal, "handle", MethodType.methodType(handler, signal, handler)).invoke(number, proxy);
        } catch (Throwable e) {
            // MethodHandle.invoke declares Throwable. A Java without signals cannot keep a terminal's promises: say so.
            throw new IllegalStateException("this Java offers no handling of the signal " + name, e);
        }
    }
}
