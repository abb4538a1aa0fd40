package trefoil.api;

import io.avaje.jsonb.Json;

/**
 * A control message on a stream; one of its components is set.
 *
 * @param type {@code resize} (columns, rows), {@code signal} (signal), {@code exit} (exitStatus: the status, or 128 + signal), {@code error} (message)
 */
@Json
public record StreamControl(String type, Integer columns, Integer rows, Integer signal, Integer exitStatus, String message) {}
