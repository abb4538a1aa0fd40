package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * One finding of {@code trefoil doctor}.
 *
 * @param check what was looked at
 * @param level {@code ok}, {@code warning} or {@code error}
 * @param message what was found
 * @param next what to do about it; {@code null} when all is well
 */
@Json
public record Finding(String check, String level, String message, String next) {}
