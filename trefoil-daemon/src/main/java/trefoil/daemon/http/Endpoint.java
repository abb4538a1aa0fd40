package trefoil.daemon.http;

import java.io.IOException;

/** Answers one route. Runs on a virtual thread and may block. */
@FunctionalInterface
public interface Endpoint {
    /** Answers; an exception is told to the client as an error of the API. */
    Reply answer(Call call) throws IOException, InterruptedException;
}
