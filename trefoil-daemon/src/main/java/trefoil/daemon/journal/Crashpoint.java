package trefoil.daemon.journal;

/** A place where the daemon may die. Tests count the places and throw at one of them, and at all that follow. */
@FunctionalInterface
public interface Crashpoint {
    /** Nobody dies here. */
    Crashpoint NONE = step -> {};

    /** @param step what is about to be done, or has just been done */
    void at(String step);
}
