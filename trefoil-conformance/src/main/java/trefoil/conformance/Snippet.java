package trefoil.conformance;

import java.util.List;

/**
 * A guest program and what it must come to.
 *
 * @param group the resource that it is in
 * @param name a sentence
 * @param source the section of the manuals that it is about
 * @param start the mode in which it begins
 * @param assembly its text for GNU as, Intel syntax, to be placed at {@link Rig#CODE}
 * @param code its octets
 * @param ending how it ends
 * @param expectations of registers and memory at its end
 */
public record Snippet(String group, String name, String source, Start start, String assembly, byte[] code, Ending ending, List<Expectation> expectations) {
    /** How a program ends. */
    public enum Ending {
        /** It wrote to {@link Rig#END_PORT}. */
        DONE,
        /** By an exception or an interrupt, which the handler noted. */
        EXCEPTION,
        /** By a shutdown of the processor. */
        SHUTDOWN
    }

    /**
     * What is to be found.
     *
     * @param what a register, {@code flags/MASK}, {@code memSIZE/ADDRESS}, or a word of the handler's note: {@code vector}, {@code error}, {@code rip}, {@code cs}, {@code rflags}, {@code rsp}, {@code ss}, each after {@code saved-} but for
     *     the first two
     */
    public record Expectation(String what, long value) {}

    @Override
    public String toString() {
        return group + ": " + name;
    }
}
