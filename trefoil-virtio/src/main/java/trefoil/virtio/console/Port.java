package trefoil.virtio.console;

import trefoil.machine.CharBackend;

/** A port of a {@link VirtioConsole}. {@code name}: what a Linux guest finds under {@code /dev/virtio-ports}, empty for none. */
public record Port(String name, CharBackend backend, Use use) {
    /** What the guest is to make of it. */
    public enum Use {
        /** A terminal, {@code /dev/hvc*}. */
        CONSOLE,
        /** Bytes for a program. */
        STREAM
    }
}
