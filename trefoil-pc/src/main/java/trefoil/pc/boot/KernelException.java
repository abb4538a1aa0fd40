package trefoil.pc.boot;

/** A file that cannot be started as a kernel. */
public final class KernelException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Cause {
        /** Neither an ELF file nor a bzImage. */
        NO_KERNEL,
        /** It ends before something that it points to. */
        TRUNCATED,
        /** For another processor, or of 32 bits. */
        WRONG_MACHINE,
        /** Packed in a way that is not known here. */
        UNKNOWN_COMPRESSION,
        /** What is packed cannot be unpacked. */
        DAMAGED,
        /** Without an entry for PVH. */
        NO_PVH_NOTE,
        /** A bzImage without an entry of 64 bits, or older than boot protocol 2.12. */
        NO_64_BIT_ENTRY,
        /** Not enough memory for kernel, initial RAM disk, or at a place that the kernel asks for. */
        NO_ROOM,
        /** A command line that is too long, or holds a zero byte. */
        BAD_COMMAND_LINE
    }

    private final Cause reason;

    KernelException(Cause reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Cause reason() {
        return reason;
    }
}
