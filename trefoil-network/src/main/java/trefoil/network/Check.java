package trefoil.network;

/**
 * One thing looked at for {@code doctor}.
 *
 * @param name what was looked at
 * @param level {@code ok}, {@code warning} or {@code error}
 * @param message what was found
 * @param next what to do; {@code null} when all is well
 */
public record Check(String name, String level, String message, String next) {}
