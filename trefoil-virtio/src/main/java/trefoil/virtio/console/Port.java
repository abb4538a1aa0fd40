package trefoil.virtio.console;

import trefoil.machine.CharBackend;

/** A port of a {@link VirtioConsole}. {@code name}: what a Linux guest finds under {@code /dev/virtio-ports}, empty for none. */
public record Port(String name, CharBackend backend, Use use, Listener listener) {
    /** What the guest is to make of it. */
    public enum Use {
        /** A terminal, {@code /dev/hvc*}. */
        CONSOLE,
        /** Bytes for a program. */
        STREAM
    }

    /** Told, on the device's thread, when the guest opens or closes its end; it is told of the closing when the backend has all that was sent before. Must not wait. */
    @FunctionalInterface
    public interface Listener {
        void guest(boolean open);
    }

    /** A port of which nobody asks whether the guest has it open. */
    public Port(String name, CharBackend backend, Use use) {
        this(name, backend, use, open -> {});
    }
}
