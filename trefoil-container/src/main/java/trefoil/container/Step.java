package trefoil.container;

/**
 * One step of a plan, for people.
 *
 * @param where {@code host}, {@code keeper} or {@code child}
 * @param call the call with its arguments, as in the manual pages
 * @param why what it is for
 */
public record Step(String where, String call, String why) {}
