package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * One step of a launch plan ({@code trefoil explain}).
 *
 * @param where {@code host} (the daemon), {@code keeper} or {@code child} (the new process before it becomes the server's init)
 * @param call the system call or tool with its arguments, as in the manual pages
 * @param why what it is for
 */
@Json
public record PlanStep(String where, String call, String why) {}
