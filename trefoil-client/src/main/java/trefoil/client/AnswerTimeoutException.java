package trefoil.client;

import java.io.IOException;
import java.time.Duration;

/** The daemon is there and did not answer within the time that it was given. */
public final class AnswerTimeoutException extends IOException {
    private static final long serialVersionUID = 1L;

    AnswerTimeoutException(String request, Duration limit, IOException cause) {
        super("the Trefoil daemon did not answer " + request + " within " + limit.toSeconds() + " s", cause);
    }
}
