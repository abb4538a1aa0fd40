package trefoil.container;

/** An image that the host's kernel cannot run as an OS-level server. */
public final class IncompatibleImageException extends ContainerException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String kind;

    /**
     * @param field what failed, in the specification's word: {@code e_machine}, {@code EI_OSABI}, {@code NT_GNU_ABI_TAG}, {@code PT_INTERP}, {@code init} …
     * @param kind the kind of server that could run it, {@code full} or {@code para}; {@code null} for none
     */
    public IncompatibleImageException(String field, String message, String kind) {
        super(message, kind == null ? null : "launch it with --kind " + kind, null);
        this.field = field;
        this.kind = kind;
    }

    /** What failed. */
    public String field() {
        return field;
    }

    /** The kind that could run it; may be {@code null}. */
    public String kind() {
        return kind;
    }
}
