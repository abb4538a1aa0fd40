package trefoil.image;

/** Told where long work stands. Called from the thread that does the work; must return quickly. */
@FunctionalInterface
public interface Progress {
    /** Nobody is told. */
    Progress NONE = (phase, done, total, unit) -> {};

    /**
     * @param phase the visible phase, such as {@code unpacking}
     * @param done units done
     * @param total units in all; 0 when unknown
     * @param unit {@code bytes}, {@code packages}, or empty
     */
    void at(String phase, long done, long total, String unit);
}
