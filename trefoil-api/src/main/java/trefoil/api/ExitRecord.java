package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * How a server's process 1 last ended.
 *
 * @param status exit status 0–255, or {@code null} when a signal ended it
 * @param signal number of the signal that ended it, or {@code null}
 * @param cause {@code poweroff}, {@code reboot}, {@code stop} (asked through Trefoil), {@code kill} (forced through Trefoil), {@code oom}, {@code exit} (by itself)
 * @param at when
 */
@Json
public record ExitRecord(Integer status, Integer signal, String cause, long at) {}
