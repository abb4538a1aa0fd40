package trefoil.daemon.resource;

import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.websocket.api.Session;
import trefoil.api.StreamControl;
import trefoil.daemon.http.RecordReader;

/** What clients say about a stream besides its input. */
final class Control {
    /** Invalid frame payload data (RFC 6455, section 7.4.1). */
    private static final int INVALID = 1007;

    private static final int MOST_COLUMNS = 4096;

    private Control() {}

    /** The control message in a frame, behind the octet of its channel. */
    static StreamControl read(byte[] frame) {
        StreamControl control = RecordReader.read(new String(frame, 1, frame.length - 1, StandardCharsets.UTF_8), StreamControl.class);
        size("columns", control.columns());
        size("rows", control.rows());
        return control;
    }

    private static void size(String member, Integer value) {
        if (value != null && (value < 1 || value > MOST_COLUMNS)) {
            throw new RecordReader.Fault(member, value + " is not from 1 to " + MOST_COLUMNS);
        }
    }

    /** Ends the stream of a client that sent something else: it would wait in vain for an effect. */
    static void refuse(Session session, RecordReader.Fault fault) {
        new FrameSender(session).close(INVALID, "no valid StreamControl: " + fault.getMessage());
    }
}
