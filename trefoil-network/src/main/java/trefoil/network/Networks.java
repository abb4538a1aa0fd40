package trefoil.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import trefoil.linux.FileDescriptor;

/**
 * The host's side of all networks of one daemon: bridges, veth pairs, the nftables table, one dnsmasq per network.
 * Thread-safe. The daemon's database says what should be; this class makes it so and is idempotent: what is there
 * already is adopted (a daemon that restarts finds bridges, veths and dnsmasq alive), what is missing is made.
 */
public final class Networks implements AutoCloseable {
    private Networks() {}

    /**
     * @param runDirectory for dnsmasq's files and pids
     * @param tag short word (0–6 characters of {@code a-z 0-9}) that keeps bridges, tables and interfaces of several daemons on one host apart; empty for the host's own
     */
    public static Networks open(Path runDirectory, String tag) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** A free private IPv4 and a random unique local IPv6 gateway address that clash with no route or address of the host, nor with {@code taken}. */
    public NetworkSpec choose(String name, String ipv4, String ipv6, boolean nat, String domain, Set<String> taken)
            throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Makes the bridge, its addresses, rules and dnsmasq, or adopts what is there. */
    public void up(NetworkSpec network) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Removes all that {@link #up} made. */
    public void down(NetworkSpec network) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** A free place on the network for a server; {@code taken} are the addresses that other servers hold. */
    public Attachment place(NetworkSpec network, String serverName, Set<String> taken) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /**
     * Makes the veth pair with its inner end {@code eth0} born inside the network namespace, addresses, routes and
     * loopback configured there, the outer end on the bridge, rates applied, name and lease known to dnsmasq.
     */
    public void attach(NetworkSpec network, Attachment attachment, FileDescriptor networkNamespace, Rates rates)
            throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Removes the veth pair (gone by itself when the namespace is), the name and the lease. Idempotent. */
    public void detach(NetworkSpec network, Attachment attachment) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Changes the rates of an attached server. */
    public void rates(Attachment attachment, Rates rates) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Makes the forwards of all servers be exactly these. Refuses a host port that something else listens on. */
    public void forwards(List<Forward> forwards) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** What the server received and sent. */
    public Traffic traffic(Attachment attachment) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** The addresses that the server's interface has now, as its namespace shows them. */
    public List<String> addresses(FileDescriptor networkNamespace) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** What would keep servers from the network: missing tools, forwarding off, a firewall that drops, clashing routes. */
    public List<Check> doctor(List<NetworkSpec> networks) {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Removes everything of this tag from the host: bridges, table, dnsmasq. */
    public void purge(List<NetworkSpec> networks) throws NetworkException {
        throw new UnsupportedOperationException("networks are not written yet");
    }

    /** Leaves all networks up. */
    @Override
    public void close() {}
}
