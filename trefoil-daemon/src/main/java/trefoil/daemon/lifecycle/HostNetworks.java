package trefoil.daemon.lifecycle;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import trefoil.linux.FileDescriptor;
import trefoil.network.Attachment;
import trefoil.network.Check;
import trefoil.network.Forward;
import trefoil.network.NetworkException;
import trefoil.network.NetworkSpec;
import trefoil.network.Networks;
import trefoil.network.Rates;
import trefoil.network.Traffic;

/** What the daemon needs of the host's networks; each method as in {@link Networks}. */
public interface HostNetworks extends AutoCloseable {
    /** Opens the host's networks. */
    @FunctionalInterface
    interface Opener {
        HostNetworks open() throws NetworkException;
    }

    NetworkSpec choose(String name, String ipv4, String ipv6, boolean nat, String domain, Set<String> taken)
            throws NetworkException;

    void up(NetworkSpec network) throws NetworkException;

    void down(NetworkSpec network) throws NetworkException;

    Attachment place(NetworkSpec network, String serverName, Set<String> taken) throws NetworkException;

    void attach(NetworkSpec network, Attachment attachment, FileDescriptor networkNamespace, Rates rates)
            throws NetworkException;

    void attachTap(NetworkSpec network, Attachment attachment, Rates rates) throws NetworkException;

    void rename(NetworkSpec network, Attachment before, Attachment after) throws NetworkException;

    void detach(NetworkSpec network, Attachment attachment) throws NetworkException;

    void rates(Attachment attachment, Rates rates) throws NetworkException;

    void forwards(List<Forward> forwards) throws NetworkException;

    Traffic traffic(Attachment attachment) throws NetworkException;

    List<String> addresses(FileDescriptor networkNamespace) throws NetworkException;

    List<Check> doctor(List<NetworkSpec> networks);

    void purge(List<NetworkSpec> networks) throws NetworkException;

    @Override
    void close();

    /** The kernel's. */
    static Opener kernel(Path runDirectory, String tag) {
        return () -> new KernelNetworks(Networks.open(runDirectory, tag));
    }

    /** Passes everything on. */
    record KernelNetworks(Networks networks) implements HostNetworks {
        @Override
        public NetworkSpec choose(String name, String ipv4, String ipv6, boolean nat, String domain, Set<String> taken)
                throws NetworkException {
            return networks.choose(name, ipv4, ipv6, nat, domain, taken);
        }

        @Override
        public void up(NetworkSpec network) throws NetworkException {
            networks.up(network);
        }

        @Override
        public void down(NetworkSpec network) throws NetworkException {
            networks.down(network);
        }

        @Override
        public Attachment place(NetworkSpec network, String serverName, Set<String> taken) throws NetworkException {
            return networks.place(network, serverName, taken);
        }

        @Override
        public void attach(NetworkSpec network, Attachment attachment, FileDescriptor networkNamespace, Rates rates)
                throws NetworkException {
            networks.attach(network, attachment, networkNamespace, rates);
        }

        @Override
        public void attachTap(NetworkSpec network, Attachment attachment, Rates rates) throws NetworkException {
            networks.attachTap(network, attachment, rates);
        }

        @Override
        public void rename(NetworkSpec network, Attachment before, Attachment after) throws NetworkException {
            networks.rename(network, before, after);
        }

        @Override
        public void detach(NetworkSpec network, Attachment attachment) throws NetworkException {
            networks.detach(network, attachment);
        }

        @Override
        public void rates(Attachment attachment, Rates rates) throws NetworkException {
            networks.rates(attachment, rates);
        }

        @Override
        public void forwards(List<Forward> forwards) throws NetworkException {
            networks.forwards(forwards);
        }

        @Override
        public Traffic traffic(Attachment attachment) throws NetworkException {
            return networks.traffic(attachment);
        }

        @Override
        public List<String> addresses(FileDescriptor networkNamespace) throws NetworkException {
            return networks.addresses(networkNamespace);
        }

        @Override
        public List<Check> doctor(List<NetworkSpec> specs) {
            return networks.doctor(specs);
        }

        @Override
        public void purge(List<NetworkSpec> specs) throws NetworkException {
            networks.purge(specs);
        }

        @Override
        public void close() {
            networks.close();
        }
    }
}
