package trefoil.linux.netlink;

/**
 * A network interface as the kernel shows it.
 *
 * @param index its number in its namespace, from 1
 * @param name its name
 * @param kind {@code bridge}, {@code veth}, {@code ifb}, {@code tun} (taps too) …; empty for hardware and loopback
 * @param mac hardware address in lower case with colons; empty where it has none
 * @param mtu largest packet in bytes
 * @param master index of the bridge it is a port of; 0 for none
 * @param up whether it is set up (IFF_UP)
 * @param carrier whether it is up and something is at the other end of its cable (IFF_LOWER_UP): of a tap, a process that holds it
 * @param receivedBytes bytes that came in by it
 * @param transmittedBytes bytes that went out by it
 */
public record Link(
        int index,
        String name,
        String kind,
        String mac,
        int mtu,
        int master,
        boolean up,
        boolean carrier,
        long receivedBytes,
        long transmittedBytes) {}
