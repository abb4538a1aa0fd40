package trefoil.cli.syntax;

/** An option without a value. */
public final class Flag extends Option {
    private boolean set;

    Flag(String letter, String name, String description) {
        super(letter, name, null, description);
    }

    /** Whether it was given. */
    public boolean isSet() {
        return set;
    }

    /** {@code true} if it was given, or else {@code null}: for requests that leave out what was not asked for. */
    public Boolean orNull() {
        return set ? Boolean.TRUE : null;
    }

    @Override
    void take(String value) {
        set = true;
    }
}
