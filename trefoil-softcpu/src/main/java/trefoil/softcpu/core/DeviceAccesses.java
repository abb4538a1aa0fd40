package trefoil.softcpu.core;

/** Counts what a processor asks of devices, by the way that it takes, and adds up the time until they have answered. Written by the processor's thread; figures that others read are a little old. */
public final class DeviceAccesses {
    private long ports;
    private long addresses;
    private long registers;
    private long nanos;

    /** To be called before a device is; the answer is for the call after it. */
    public long begin() {
        return System.nanoTime();
    }

    /** A port was read or written. */
    public void port(long begun) {
        ports++;
        nanos += System.nanoTime() - begun;
    }

    /** An address that is no memory was read or written. */
    public void address(long begun) {
        addresses++;
        nanos += System.nanoTime() - begun;
    }

    /** A model-specific register of a device's was read or written. */
    public void register(long begun) {
        registers++;
        nanos += System.nanoTime() - begun;
    }

    /** By IN, OUT, INS and OUTS. */
    public long ports() {
        return ports;
    }

    /** By loads and stores. */
    public long addresses() {
        return addresses;
    }

    /** By RDMSR and WRMSR. */
    public long registers() {
        return registers;
    }

    /** Of all, in nanoseconds. */
    public long nanos() {
        return nanos;
    }
}
