package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * An error for people and programs: what, why, what to do next.
 *
 * @param code a word for programs, see {@link ErrorCode}
 * @param status HTTP status
 * @param message what could not be done, and why
 * @param next the next command or step to try; may be {@code null}
 * @param detail more lines, such as the tail of a log; may be {@code null}
 */
@Json
public record ApiError(String code, int status, String message, String next, String detail) {}
