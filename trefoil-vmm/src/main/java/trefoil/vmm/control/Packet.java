package trefoil.vmm.control;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One message of the control socket: a letter that says what it is, and what belongs to it. */
record Packet(char kind, byte[] body) {
    /** Client: run the machine; network cards' taps come as descriptors. */
    static final char BOOT = 'B';
    /** Client: press the power button. */
    static final char POWER_BUTTON = 'P';
    /** Client: what does the machine do? */
    static final char STATUS = 'S';
    /** Client: run this command line in the guest; the connection is the command's from then on. */
    static final char EXECUTE = 'X';
    /** Client: standard input. */
    static final char INPUT = 'i';
    /** Client: the end of standard input. */
    static final char INPUT_END = 'c';
    /** Client: a signal's number. */
    static final char SIGNAL = 's';

    /** Server: done; what was asked for, if anything. */
    static final char DONE = 'D';
    /** Server: why not. */
    static final char REFUSED = 'R';
    /** Server: standard output. */
    static final char OUTPUT = 'o';
    /** Server: standard error. */
    static final char ERROR = 'e';
    /** Server: the command's exit status, the last packet of its connection. */
    static final char EXIT = 'x';

    /** A packet is no longer than this, so that the kernel takes it at once. */
    static final int MOST = 128 << 10;

    Packet(char kind, String text) {
        this(kind, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Of a message of at least one byte. */
    static Packet of(byte[] message) {
        return new Packet((char) message[0], Arrays.copyOfRange(message, 1, message.length));
    }

    byte[] message() {
        return message(kind, body, body.length);
    }

    static byte[] message(char kind, byte[] body, int length) {
        byte[] message = new byte[length + 1];
        message[0] = (byte) kind;
        System.arraycopy(body, 0, message, 1, length);
        return message;
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
