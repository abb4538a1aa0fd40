package trefoil.network;

/** How the tap interface of a virtual machine stands. */
public enum TapState {
    /** There is no such interface. */
    ABSENT,
    /** It is there and nobody holds it: its machine has not begun, or has ended. */
    IDLE,
    /** The process of its machine holds it. */
    HELD
}
