package trefoil.pc.nvme;

/** A command that ends with another {@link Status} than success. Without a stack trace: a guest can cause it as often as it likes. */
final class CommandFault extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    CommandFault(int status) {
        super(null, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }

    /** Throws it unless a condition holds. */
    static void unless(boolean good, int status) throws CommandFault {
        if (!good) {
            throw new CommandFault(status);
        }
    }

    @Override
    public String getMessage() {
        return "NVMe status 0x" + Integer.toHexString(status);
    }
}
