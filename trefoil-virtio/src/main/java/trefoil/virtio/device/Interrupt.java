package trefoil.virtio.device;

/** How a device speaks to its driver. Thread-safe. */
public interface Interrupt {
    /** A used buffer notification (virtio 1.2, 2.3). */
    void used(int queue);

    /** A configuration change notification; the configuration has a new generation. */
    void configurationChanged();

    /** DEVICE_NEEDS_RESET (2.1.2). */
    void needsReset();
}
