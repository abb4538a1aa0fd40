package trefoil.x86.state;

/** What a processor does. */
public enum Activity {
    /** Executes. */
    RUNNING,
    /** HLT: until an interrupt. */
    HALTED,
    /** After INIT: until a start-up message. */
    WAIT_FOR_STARTUP,
    /** Has shut down, until a reset. */
    SHUTDOWN
}
